import { LayoutGrid, RectangleHorizontal } from "lucide-react";
import { useText } from "@/i18n/text";
import { meetingTexts } from "@/locales/meeting";
import type { MediaSession } from "@/media/session";
import { useObservable } from "@/store/use-observable";
import { HeaderButton } from "./header-button";

/** All alike, or a large place for whoever speaks. */
export function LayoutToggle({ session }: { session: MediaSession }) {
  const t = useText(meetingTexts);
  const layout = useObservable(session.outlook, (outlook) => outlook.layout);
  const other = layout === "grid" ? "speaker" : "grid";
  return (
    <HeaderButton
      icon={other === "grid" ? LayoutGrid : RectangleHorizontal}
      onClick={() => session.outlook.patch({ layout: other })}
    >
      {t(`${other}_view`)}
    </HeaderButton>
  );
}
