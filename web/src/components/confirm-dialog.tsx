import { AlertDialog as Radix } from "radix-ui";
import { type ReactNode, useState } from "react";
import { useText } from "@/i18n/text";
import { commonTexts } from "@/locales/common";
import { Button } from "./button";
import { DialogActions, OVERLAY, PANEL } from "./dialog";
import { FormError } from "./form-error";

interface Props {
  open: boolean;
  onOpenChange: (open: boolean) => void;
  /** The question. */
  title: string;
  /** What comes of it. */
  children: ReactNode;
  /** What is done, as a verb: "Delete". */
  action: string;
  /** Its button is red unless this is false. */
  danger?: boolean;
  /** The dialog stays until it is done, and says why it was not. */
  onConfirm: () => Promise<unknown>;
  className?: string;
}

/** Asks before something that cannot be undone. Escape is no. */
export function ConfirmDialog({
  open,
  onOpenChange,
  title,
  children,
  action,
  danger = true,
  onConfirm,
  className = "",
}: Props) {
  const t = useText(commonTexts);
  const [pending, setPending] = useState(false);
  const [error, setError] = useState<Error | null>(null);
  async function confirm() {
    setPending(true);
    setError(null);
    try {
      await onConfirm();
      onOpenChange(false);
    } catch (problem) {
      setError(problem as Error);
    } finally {
      setPending(false);
    }
  }
  return (
    <Radix.Root open={open} onOpenChange={onOpenChange}>
      <Radix.Portal>
        <Radix.Overlay className={OVERLAY} />
        <Radix.Content aria-modal="true" className={`${PANEL} ${className}`}>
          <Radix.Title className="text-2xl font-semibold">{title}</Radix.Title>
          <Radix.Description asChild>
            <div className="text-soft">{children}</div>
          </Radix.Description>
          <FormError error={error} />
          <DialogActions>
            <Radix.Cancel asChild>
              <Button look="quiet">{t("cancel")}</Button>
            </Radix.Cancel>
            <Button look={danger ? "danger" : "primary"} pending={pending} onClick={confirm}>
              {action}
            </Button>
          </DialogActions>
        </Radix.Content>
      </Radix.Portal>
    </Radix.Root>
  );
}
