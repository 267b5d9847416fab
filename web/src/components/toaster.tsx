import { Check, TriangleAlert } from "lucide-react";
import { Toast as Radix } from "radix-ui";
import { useText } from "@/i18n/text";
import { commonTexts } from "@/locales/common";
import { useObservable } from "@/store/use-observable";
import { dropToast, type Toast, toasts } from "./toasts";

/** ms. */
const DURATION = 4_000;
const PROBLEM_DURATION = 8_000;

/** Once per page: where `showToast` is seen. */
export default function Toaster() {
  const t = useText(commonTexts);
  const shown = useObservable(toasts);
  return (
    <Radix.Provider swipeDirection="down" label={t("notification")}>
      {shown.map((toast) => (
        <ToastView key={toast.number} toast={toast} onGone={() => dropToast(toast.number)} />
      ))}
      <Radix.Viewport className="fixed bottom-(--toasts,6rem) left-1/2 z-50 grid w-max max-w-[min(32rem,calc(100vw-2rem))] -translate-x-1/2 justify-items-center gap-2 outline-none" />
    </Radix.Provider>
  );
}

function ToastView({ toast, onGone }: { toast: Toast; onGone: () => void }) {
  const { text, problem = false, action } = toast;
  return (
    <Radix.Root
      type={problem ? "foreground" : "background"}
      duration={problem ? PROBLEM_DURATION : DURATION}
      onOpenChange={(open) => !open && onGone()}
      className="stage flex animate-rise items-center gap-2.5 rounded-xl border border-line px-4 py-3 shadow-xl"
    >
      {problem ? (
        <TriangleAlert className="size-5 shrink-0 text-alarm" aria-hidden="true" />
      ) : (
        <Check className="size-5 shrink-0 text-brand" aria-hidden="true" />
      )}
      <Radix.Description className="min-w-0 break-words">{text}</Radix.Description>
      {action && (
        <Radix.Action
          altText={action.label}
          onClick={action.onClick}
          className="ml-2 shrink-0 rounded-lg px-2 py-1 font-semibold text-brand hover:bg-raised"
        >
          {action.label}
        </Radix.Action>
      )}
    </Radix.Root>
  );
}
