import { LayoutGrid, RectangleHorizontal } from "lucide-react";
import { useText } from "@/i18n/text";
import { meetingTexts } from "@/locales/meeting";
import type { MediaSession } from "@/media/session";
import { useObservable } from "@/store/use-observable";

/** All alike, or a large place for whoever speaks. */
export function LayoutToggle({ session }: { session: MediaSession }) {
  const t = useText(meetingTexts);
  const layout = useObservable(session.outlook, (outlook) => outlook.layout);
  const speaker = layout === "speaker";
  const Icon = speaker ? RectangleHorizontal : LayoutGrid;
  return (
    <button
      type="button"
      aria-pressed={speaker}
      onClick={() => session.outlook.patch({ layout: speaker ? "grid" : "speaker" })}
      className="flex items-center gap-2 rounded-lg px-2.5 py-1.5 text-sm text-soft transition-colors hover:bg-raised hover:text-ink aria-pressed:text-ink"
    >
      <Icon className="size-4.5" aria-hidden="true" />
      {t("speaker_view")}
    </button>
  );
}
