import { Camera, ChevronDown, Mic, Volume2 } from "lucide-react";
import { useId } from "react";
import { useText } from "@/i18n/text";
import { meetingTexts } from "@/locales/meeting";
import type { DeviceKind } from "@/media/devices";
import { canChooseSpeaker } from "@/media/devices";
import type { LocalMedia } from "@/media/local";
import { useObservable } from "@/store/use-observable";

const KINDS = [
  { kind: "camera", Icon: Camera },
  { kind: "microphone", Icon: Mic },
  { kind: "speaker", Icon: Volume2 },
] as const;

interface ChoicesProps {
  local: LocalMedia;
  /** All, unless they are named. */
  kinds?: readonly DeviceKind[];
}

/** One choice per kind of device there is. */
export function DeviceChoices({ local, kinds }: ChoicesProps) {
  const shown = KINDS.filter(({ kind }) => kinds?.includes(kind) ?? true);
  return (
    <div className="grid gap-3">
      {shown
        .filter(({ kind }) => kind !== "speaker" || canChooseSpeaker())
        .map((props) => (
          <DeviceChoice key={props.kind} local={local} {...props} />
        ))}
    </div>
  );
}

interface Props {
  local: LocalMedia;
  kind: DeviceKind;
  Icon: typeof Camera;
}

function DeviceChoice({ local, kind, Icon }: Props) {
  const id = useId();
  const t = useText(meetingTexts);
  const label = t(kind);
  const { devices, chosen } = useObservable(local.state);
  const choices = devices[kind];
  const known = choices.some((device) => device.id === chosen[kind]);
  return (
    <div className="relative">
      <label htmlFor={id} className="sr-only">
        {label}
      </label>
      <Icon
        className="pointer-events-none absolute left-3.5 top-3 size-5 text-soft"
        aria-hidden="true"
      />
      <select
        id={id}
        value={known ? chosen[kind] : (choices[0]?.id ?? "")}
        disabled={choices.length === 0}
        onChange={(event) => void local.choose(kind, event.target.value)}
        className="min-h-11 w-full appearance-none truncate rounded-xl border border-soft/60 bg-surface pl-11 pr-10 text-ink disabled:opacity-60"
      >
        {choices.length === 0 && <option value="">{t(`no_${kind}`)}</option>}
        {choices.map((device, index) => (
          <option key={device.id} value={device.id}>
            {device.label || `${label} ${index + 1}`}
          </option>
        ))}
      </select>
      <ChevronDown
        className="pointer-events-none absolute right-3.5 top-3 size-5 text-soft"
        aria-hidden="true"
      />
    </div>
  );
}
