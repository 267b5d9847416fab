import { useQueryClient } from "@tanstack/react-query";
import { ArrowLeft, Users } from "lucide-react";
import { useCallback, useMemo, useState } from "react";
import { Link, useParams } from "react-router";
import { keys } from "@/api/keys";
import { useMe } from "@/api/queries";
import { ConversationView } from "@/chat/conversation-view";
import { Faces } from "@/chat/faces";
import { RememberedConversations } from "@/chat/remembered";
import { Avatar } from "@/components/avatar";
import { ErrorState } from "@/components/error-state";
import { Heading } from "@/components/heading";
import { IconButton } from "@/components/icon-button";
import { Skeleton } from "@/components/skeleton";
import { usePageTitle } from "@/components/use-page-title";
import { useText } from "@/i18n/text";
import { live } from "@/live";
import { useLiveNotice, useOnline } from "@/live/use-live";
import { chatTexts } from "@/locales/chat";
import { NotFound } from "@/routes/not-found";
import { Details } from "./details";
import { type Conversation, useConversation, useParticipants } from "./queries";
import { useConversationName } from "./use-conversation-name";

const remembered = new RememberedConversations({
  request: (type, fields) => live.request(type, fields),
  events: live,
});

export function ConversationScreen() {
  const { id = "" } = useParams();
  return /^\d{1,15}$/.test(id) ? <Found key={id} id={Number(id)} /> : <NotFound />;
}

function Found({ id }: { id: number }) {
  const me = useMe();
  const found = useConversation(id);
  useFreshDetails(id);
  if (found.error?.status === 404 && !found.data) return <NotFound />;
  if (found.error && !found.data) {
    return <ErrorState error={found.error} onRetry={() => void found.refetch()} />;
  }
  if (!found.data || !me) return <Skeleton rows={6} />;
  return <Shown found={found.data} userId={me.id} />;
}

function Shown({ found, userId }: { found: Conversation; userId: number }) {
  const name = useConversationName()(found);
  const participants = useParticipants(found.id).data;
  const faces = useMemo(
    () => new Map(participants?.map(({ id, avatar }) => [id, avatar])),
    [participants],
  );
  usePageTitle(name);
  return (
    <Faces value={faces}>
      <div className="flex h-full flex-col">
        <Header found={found} name={name} userId={userId} members={participants?.length} />
        <div className="min-h-0 grow">
          <ConversationView conversation={remembered.find(found.id, userId, found.read_seq)} />
        </div>
      </div>
    </Faces>
  );
}

interface HeaderProps {
  found: Conversation;
  name: string;
  userId: number;
  members: number | undefined;
}

function Header({ found, name, userId, members }: HeaderProps) {
  const t = useText(chatTexts);
  const { other, kind } = found;
  const online = useOnline(other ? [other.id] : []);
  const [open, setOpen] = useState(false);
  const about = other
    ? online.has(other.id) && t("online")
    : members !== undefined && t("members_count", { count: members });
  return (
    <header className="flex min-h-17 items-center gap-3 border-b border-line px-3 py-2.5 sm:px-5">
      <Link
        to="/chat"
        aria-label={t("back")}
        className="grid size-11 shrink-0 place-items-center rounded-xl text-soft transition-colors hover:bg-raised hover:text-ink lg:hidden"
      >
        <ArrowLeft className="size-5" aria-hidden="true" />
      </Link>
      <Avatar name={name} picture={other?.avatar} className="size-10" />
      <div className="min-w-0 grow leading-snug">
        <Heading className="truncate text-xl">
          {other ? (
            <Link to={`/people/${other.id}`} className="hover:underline">
              {name}
            </Link>
          ) : (
            name
          )}
        </Heading>
        {about && <p className="truncate text-sm text-soft">{about}</p>}
      </div>
      {kind !== "direct" && (
        <IconButton label={t("details")} icon={Users} onClick={() => setOpen(true)} />
      )}
      {open && <Details conversation={found} userId={userId} onClose={() => setOpen(false)} />}
    </header>
  );
}

/** Title and members, when they change. */
function useFreshDetails(id: number): void {
  const client = useQueryClient();
  const told = useCallback(
    ({ conversation_id }: { conversation_id: number }) => {
      if (conversation_id !== id) return;
      void client.invalidateQueries({ queryKey: keys.conversations.one(id) });
    },
    [client, id],
  );
  useLiveNotice("conversation", told);
}
