import { Check } from "lucide-react";
import { Toast } from "radix-ui";
import { createContext, type ReactNode, useCallback, useContext, useState } from "react";

const Announce = createContext<(text: string) => void>(() => undefined);

/** Says something in passing. */
export function useToast(): (text: string) => void {
  return useContext(Announce);
}

export function ToastProvider({ children }: { children: ReactNode }) {
  const [toast, setToast] = useState({ number: 0, text: "" });
  const announce = useCallback((text: string) => {
    setToast(({ number }) => ({ number: number + 1, text }));
  }, []);
  return (
    <Announce value={announce}>
      <Toast.Provider duration={3500} swipeDirection="down">
        {children}
        {toast.text && (
          <Toast.Root
            key={toast.number}
            className="stage flex animate-rise items-center gap-2.5 rounded-xl border border-line px-4 py-3 shadow-xl"
          >
            <Check className="size-5 text-brand" aria-hidden="true" />
            <Toast.Description>{toast.text}</Toast.Description>
          </Toast.Root>
        )}
        <Toast.Viewport className="fixed bottom-24 left-1/2 z-40 -translate-x-1/2 outline-none" />
      </Toast.Provider>
    </Announce>
  );
}
