import { useCallback } from "react";
import { useProblemText } from "@/api/problem-text";
import { showToast } from "@/components/toasts";

/** Asks the server for something that is seen when it happens; says why it does not. */
export function useAct(): (request: Promise<unknown>) => void {
  const problem = useProblemText();
  return useCallback(
    (request) => {
      request.catch((error: Error) => showToast({ text: problem(error), problem: true }));
    },
    [problem],
  );
}
