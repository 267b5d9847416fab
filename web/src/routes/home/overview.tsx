import { CalendarPlus } from "lucide-react";
import { useState } from "react";
import { Button, ButtonLink } from "@/components/button";
import { Panel } from "@/components/screen";
import { useText } from "@/i18n/text";
import { meetingsTexts } from "@/locales/meetings";
import { PlanDialog } from "./meeting-dialog";
import { Meetings } from "./meetings";
import { Recent } from "./recent";

/** What is below the way into a meeting: it comes after the first screen. */
export default function Overview() {
  const t = useText(meetingsTexts);
  return (
    <div className="grid grid-cols-[minmax(0,1fr)] items-start gap-6 lg:grid-cols-[1.6fr_1fr]">
      <Panel title={t("title")} actions={<Plan />}>
        <Meetings />
      </Panel>
      <Panel
        title={t("recent")}
        actions={
          <ButtonLink to="/chat" look="plain" className="-mr-3 px-3!">
            {t("all_conversations")}
          </ButtonLink>
        }
      >
        <Recent />
      </Panel>
    </div>
  );
}

function Plan() {
  const t = useText(meetingsTexts);
  const [open, setOpen] = useState(false);
  return (
    <>
      <Button look="quiet" onClick={() => setOpen(true)}>
        <CalendarPlus className="size-5" aria-hidden="true" />
        {t("plan")}
      </Button>
      <PlanDialog key={`${open}`} open={open} onOpenChange={setOpen} />
    </>
  );
}
