import { Route, Routes } from "react-router";
import { NotFound } from "@/routes/not-found";
import { ConversationScreen } from "./conversation-screen";
import { Conversations } from "./conversations";

export default function Chat() {
  return (
    <Routes>
      <Route index element={<Conversations />} />
      <Route path=":id" element={<ConversationScreen />} />
      <Route path="*" element={<NotFound />} />
    </Routes>
  );
}
