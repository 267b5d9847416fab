import type { ReactNode } from "react";
import { accountToken } from "@/api/account";
import { useText } from "@/i18n/text";
import { shellTexts } from "@/locales/shell";
import { AccountButton } from "@/shell/account-button";
import { SkipLink } from "@/shell/skip-link";
import { useObservable } from "@/store/use-observable";
import { ButtonLink } from "./button";
import { Heading } from "./heading";
import { Logo } from "./logo";

/** Without navigation: for strangers, and for what stands alone. */
export function Page({ children }: { children: ReactNode }) {
  return (
    <div className="flex min-h-dvh flex-col">
      <SkipLink />
      <header className="mx-auto flex w-full max-w-6xl items-center justify-between gap-4 px-4 py-4 sm:px-8">
        <Logo />
        <Account />
      </header>
      <main
        id="main"
        tabIndex={-1}
        className="mx-auto flex w-full max-w-6xl grow flex-col px-4 pb-12 outline-none sm:px-8"
      >
        {children}
      </main>
    </div>
  );
}

function Account() {
  const t = useText(shellTexts);
  const signedIn = useObservable(accountToken) !== null;
  if (signedIn) return <AccountButton />;
  return (
    <ButtonLink to="/signin" look="plain">
      {t("sign_in")}
    </ButtonLink>
  );
}

/** A single card in the middle: sign in, not found, left. */
export function Card({ title, children }: { title: string; children: ReactNode }) {
  return (
    <section className="m-auto w-full max-w-md animate-rise rounded-3xl border border-line bg-surface p-6 shadow-xl shadow-ink/5 sm:p-9">
      <Heading className="text-3xl">{title}</Heading>
      {children}
    </section>
  );
}
