import { useEffect } from "react";
import { showToast } from "@/components/toasts";
import { useText } from "@/i18n/text";
import { meetingTexts } from "@/locales/meeting";
import type { Captured } from "@/media/capture";
import type { LocalMedia } from "@/media/local";
import { useObservable } from "@/store/use-observable";

/** Says when a device that was wanted did not come. */
export function useDeviceProblems(local: LocalMedia): void {
  useDeviceProblem(local, "camera");
  useDeviceProblem(local, "microphone");
}

function useDeviceProblem(local: LocalMedia, source: Captured): void {
  const t = useText(meetingTexts);
  const problem = useObservable(local.state, (state) => state[source].problem);
  useEffect(() => {
    if (problem) showToast({ text: t(`${source}_${problem}`), problem: true });
  }, [problem, source, t]);
}
