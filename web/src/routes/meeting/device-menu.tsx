import { ChevronUp } from "lucide-react";
import { Popover } from "radix-ui";
import { useText } from "@/i18n/text";
import { meetingTexts } from "@/locales/meeting";
import type { DeviceKind } from "@/media/devices";
import type { LocalMedia } from "@/media/local";
import { DeviceProblems } from "./device-problems";
import { DeviceChoices } from "./device-select";
import { StageButton } from "./stage-button";

const KINDS = {
  camera: ["camera"],
  microphone: ["microphone", "speaker"],
} as const satisfies Record<string, readonly DeviceKind[]>;

/** Another device during the call, right beside its button. */
export function DeviceMenu({ local, of }: { local: LocalMedia; of: keyof typeof KINDS }) {
  const t = useText(meetingTexts);
  const label = t(of === "camera" ? "choose_camera" : "choose_sound");
  return (
    <Popover.Root>
      <Popover.Trigger asChild>
        <StageButton label={label} slim className="rounded-l-md max-sm:hidden">
          <ChevronUp className="size-4" aria-hidden="true" />
        </StageButton>
      </Popover.Trigger>
      <Popover.Portal>
        <Popover.Content
          side="top"
          sideOffset={12}
          collisionPadding={12}
          aria-label={label}
          className="stage z-30 grid w-80 gap-3 max-w-[calc(100vw-1.5rem)] animate-rise rounded-2xl border border-line p-4 shadow-2xl"
        >
          <DeviceProblems local={local} sources={[of]} />
          <DeviceChoices local={local} kinds={KINDS[of]} />
        </Popover.Content>
      </Popover.Portal>
    </Popover.Root>
  );
}
