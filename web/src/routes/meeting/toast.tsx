import { Check, TriangleAlert } from "lucide-react";
import { Toast } from "radix-ui";
import { createContext, type ReactNode, useCallback, useContext, useState } from "react";

interface Message {
  text: string;
  /** Something did not work. */
  problem?: boolean;
}

const Announce = createContext<(message: Message) => void>(() => undefined);

/** Says something in passing. */
export function useToast(): (message: Message) => void {
  return useContext(Announce);
}

export function ToastProvider({ children }: { children: ReactNode }) {
  const [{ number, message }, setToast] = useState({ number: 0, message: null as Message | null });
  const announce = useCallback((next: Message) => {
    setToast((last) => ({ number: last.number + 1, message: next }));
  }, []);
  return (
    <Announce value={announce}>
      <Toast.Provider duration={message?.problem ? 8000 : 3500} swipeDirection="down">
        {children}
        {message && (
          <Toast.Root
            key={number}
            className="stage flex animate-rise items-center gap-2.5 rounded-xl border border-line px-4 py-3 shadow-xl"
          >
            {message.problem ? (
              <TriangleAlert className="size-5 shrink-0 text-alarm" aria-hidden="true" />
            ) : (
              <Check className="size-5 shrink-0 text-brand" aria-hidden="true" />
            )}
            <Toast.Description className="min-w-0 break-words">{message.text}</Toast.Description>
          </Toast.Root>
        )}
        <Toast.Viewport className="fixed bottom-24 left-1/2 z-40 w-max max-w-[min(32rem,calc(100vw-2rem))] -translate-x-1/2 outline-none" />
      </Toast.Provider>
    </Announce>
  );
}
