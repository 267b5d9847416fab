import type { ReactNode } from "react";
import { signOut } from "@/api/account";
import { useMe } from "@/api/queries";
import { Button, ButtonLink } from "./button";
import { Logo } from "./logo";

/** Every page but the meeting itself. */
export function Page({ children }: { children: ReactNode }) {
  return (
    <div className="flex min-h-dvh flex-col">
      <header className="mx-auto flex w-full max-w-6xl items-center justify-between gap-4 px-4 py-4 sm:px-8">
        <Logo />
        <Account />
      </header>
      <main className="mx-auto flex w-full max-w-6xl grow flex-col px-4 pb-12 sm:px-8">
        {children}
      </main>
    </div>
  );
}

function Account() {
  const me = useMe();
  if (!me) {
    return (
      <ButtonLink to="/signin" look="plain">
        Sign in
      </ButtonLink>
    );
  }
  return (
    <div className="flex min-w-0 items-center gap-1">
      <span className="max-w-44 truncate text-soft max-sm:hidden">{me.name}</span>
      <Button look="plain" onClick={signOut}>
        Sign out
      </Button>
    </div>
  );
}

/** A single card in the middle: sign in, not found, left. */
export function Card({ title, children }: { title: string; children: ReactNode }) {
  return (
    <section className="m-auto w-full max-w-md animate-rise rounded-3xl border border-line bg-surface p-6 shadow-xl shadow-ink/5 sm:p-9">
      <h1 className="text-3xl font-semibold">{title}</h1>
      {children}
    </section>
  );
}
