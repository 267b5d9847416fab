import { Notice } from "@/components/notice";
import { useText } from "@/i18n/text";
import { meetingTexts } from "@/locales/meeting";
import type { Captured } from "@/media/capture";
import type { LocalMedia } from "@/media/local";
import { useObservable } from "@/store/use-observable";

interface Props {
  local: LocalMedia;
  sources?: readonly Captured[];
}

const BOTH = ["camera", "microphone"] as const;

/** Why a device did not come, and what can be done about it. */
export function DeviceProblems({ local, sources = BOTH }: Props) {
  const t = useText(meetingTexts);
  const state = useObservable(local.state);
  if (state.camera.problem === "insecure") {
    return (
      <Notice>
        <strong>{t("unencrypted_title")}</strong> {t("unencrypted")}
      </Notice>
    );
  }
  return sources.map((source) => {
    const { problem } = state[source];
    return problem && <Notice key={source}>{t(`${source}_${problem}`)}</Notice>;
  });
}
