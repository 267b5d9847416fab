import { useEffect } from "react";
import { showToast } from "@/components/toasts";
import type { Captured } from "@/media/capture";
import type { LocalMedia } from "@/media/local";
import { useObservable } from "@/store/use-observable";
import { deviceText } from "./device-text";

/** Says when a device that was wanted did not come. */
export function useDeviceProblems(local: LocalMedia): void {
  useDeviceProblem(local, "camera");
  useDeviceProblem(local, "microphone");
}

function useDeviceProblem(local: LocalMedia, source: Captured): void {
  const problem = useObservable(local.state, (state) => state[source].problem);
  useEffect(() => {
    if (problem) showToast({ text: deviceText(source, problem), problem: true });
  }, [problem, source]);
}
