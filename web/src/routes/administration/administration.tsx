import { Route, Routes, useNavigate, useParams } from "react-router";
import { Screen } from "@/components/screen";
import { Tabs } from "@/components/tabs";
import { useText } from "@/i18n/text";
import { administrationTexts } from "@/locales/administration";
import { Accounts } from "./accounts";
import { Audit } from "./audit";
import { Invitations } from "./invitations";
import { RunningMeetings } from "./running-meetings";
import { Server } from "./server";

const PARTS = {
  users: Accounts,
  invitations: Invitations,
  meetings: RunningMeetings,
  server: Server,
  audit: Audit,
} as const;
type Part = keyof typeof PARTS;
const NAMES = Object.keys(PARTS) as Part[];

/** Each part has an address: `/administration/server`. */
export default function Administration() {
  return (
    <Routes>
      <Route path=":part?" element={<Parts />} />
    </Routes>
  );
}

function Parts() {
  const t = useText(administrationTexts);
  const navigate = useNavigate();
  const { part } = useParams();
  return (
    <Screen title={t("title")}>
      <Tabs
        label={t("parts")}
        value={NAMES.find((name) => name === part) ?? "users"}
        onChange={(name) => navigate(`/administration/${name}`, { replace: true })}
        tabs={NAMES.map((value) => {
          const Content = PARTS[value];
          return { value, label: t(value), content: <Content /> };
        })}
      />
    </Screen>
  );
}
