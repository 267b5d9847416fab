import { MessagesSquare } from "lucide-react";
import { Outlet, Route, Routes, useMatch } from "react-router";
import { EmptyState } from "@/components/empty-state";
import { useText } from "@/i18n/text";
import { chatTexts } from "@/locales/chat";
import { NotFound } from "@/routes/not-found";
import { ConversationScreen } from "./conversation-screen";
import { Conversations } from "./conversations";
import { With } from "./with";

export default function Chat() {
  return (
    <Routes>
      <Route element={<Panes />}>
        <Route index element={<NoneChosen />} />
        <Route path=":id" element={<ConversationScreen />} />
      </Route>
      <Route path="with/:id" element={<With />} />
      <Route path="*" element={<NotFound />} />
    </Routes>
  );
}

/** List and conversation beside each other; on a phone one after the other. */
function Panes() {
  const chosen = useMatch("/chat/:id") !== null;
  const pane = "h-(--shell-height) min-w-0";
  return (
    <div className="lg:grid lg:grid-cols-[23rem_minmax(0,1fr)]">
      <div
        className={`${pane} overflow-y-auto lg:border-r lg:border-line ${chosen ? "max-lg:hidden" : ""}`}
      >
        <Conversations chosen={chosen} />
      </div>
      <div className={`${pane} ${chosen ? "" : "max-lg:hidden"}`}>
        <Outlet />
      </div>
    </div>
  );
}

function NoneChosen() {
  const t = useText(chatTexts);
  return (
    <div className="grid h-full content-center">
      <EmptyState icon={MessagesSquare} title={t("none_chosen")}>
        {t("none_chosen_hint")}
      </EmptyState>
    </div>
  );
}
