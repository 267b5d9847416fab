import type { ComponentProps } from "react";
import { lazy, type Ref, Suspense, useState } from "react";
import { useMe } from "@/api/queries";
import { Avatar } from "@/components/avatar";
import { useText } from "@/i18n/text";
import { shellTexts } from "@/locales/shell";

/** Menus are large; whoever opens none loads none. */
const AccountMenu = lazy(() => import("./account-menu"));

export function AccountButton() {
  const [wanted, setWanted] = useState(false);
  const button = <AccountFace aria-haspopup="menu" onClick={() => setWanted(true)} />;
  if (!wanted) return button;
  return (
    <Suspense fallback={button}>
      <AccountMenu />
    </Suspense>
  );
}

export function AccountFace(props: ComponentProps<"button"> & { ref?: Ref<HTMLButtonElement> }) {
  const t = useText(shellTexts);
  const me = useMe();
  return (
    <button
      type="button"
      aria-label={t("account")}
      className="grid size-11 place-items-center rounded-full transition-opacity hover:opacity-85"
      {...props}
    >
      <Avatar name={me?.name ?? ""} picture={me?.avatar} className="size-9 text-sm" />
    </button>
  );
}
