import { X } from "lucide-react";
import { Dialog as Radix } from "radix-ui";
import type { ReactNode } from "react";
import { useText } from "@/i18n/text";
import { commonTexts } from "@/locales/common";

export const OVERLAY = "fixed inset-0 z-40 animate-fade bg-black/50";
/** A sheet from below on a phone, a card in the middle elsewhere. */
export const PANEL =
  "fixed z-40 grid max-h-[calc(100dvh-2rem)] content-start gap-5 overflow-y-auto border border-line " +
  "bg-surface p-6 text-ink shadow-2xl animate-rise outline-none " +
  "max-sm:inset-x-0 max-sm:bottom-0 max-sm:rounded-t-3xl " +
  "max-sm:pb-[max(1.5rem,env(safe-area-inset-bottom))] " +
  "sm:inset-0 sm:m-auto sm:h-fit sm:w-[min(30rem,calc(100vw-2rem))] sm:rounded-3xl sm:p-8";

interface Props {
  open: boolean;
  onOpenChange: (open: boolean) => void;
  title: string;
  description?: string;
  children: ReactNode;
  /** `stage` in a meeting. */
  className?: string;
}

/** Over the page, which waits; Escape and a click beside it close it. */
export function Dialog({
  open,
  onOpenChange,
  title,
  description,
  children,
  className = "",
}: Props) {
  const t = useText(commonTexts);
  return (
    <Radix.Root open={open} onOpenChange={onOpenChange}>
      <Radix.Portal>
        <Radix.Overlay className={OVERLAY} />
        <Radix.Content
          aria-modal="true"
          className={`${PANEL} ${className}`}
          {...(!description && { "aria-describedby": undefined })}
        >
          <div className="grid gap-2 pr-10">
            <Radix.Title className="text-2xl font-semibold">{title}</Radix.Title>
            {description && (
              <Radix.Description className="text-soft">{description}</Radix.Description>
            )}
          </div>
          {children}
          <Radix.Close
            aria-label={t("close")}
            className="absolute right-4 top-4 grid size-11 place-items-center rounded-xl text-soft transition-colors hover:bg-raised hover:text-ink"
          >
            <X className="size-5" aria-hidden="true" />
          </Radix.Close>
        </Radix.Content>
      </Radix.Portal>
    </Radix.Root>
  );
}

/** The buttons at the end of a dialog: the one that does it last, on a phone on top. */
export function DialogActions({ children }: { children: ReactNode }) {
  return <div className="flex flex-col-reverse gap-3 sm:flex-row sm:justify-end">{children}</div>;
}
