import { LogOut, UserMinus } from "lucide-react";
import { useState } from "react";
import { Link, useNavigate } from "react-router";
import { Avatar } from "@/components/avatar";
import { Badge } from "@/components/badge";
import { Button, ButtonLink } from "@/components/button";
import { ConfirmDialog } from "@/components/confirm-dialog";
import { Dialog, DialogActions } from "@/components/dialog";
import { ErrorState } from "@/components/error-state";
import { Field } from "@/components/field";
import { FormError } from "@/components/form-error";
import { IconButton } from "@/components/icon-button";
import { Skeleton } from "@/components/skeleton";
import { useText } from "@/i18n/text";
import { useOnline } from "@/live/use-live";
import { chatTexts } from "@/locales/chat";
import type { Person } from "@/routes/people/queries";
import { PeoplePicker } from "./people-picker";
import {
  type Conversation,
  type Participant,
  useAddPeople,
  useParticipants,
  useRemovePerson,
  useRename,
} from "./queries";
import { useConversationName } from "./use-conversation-name";

interface Props {
  conversation: Conversation;
  userId: number;
  onClose: () => void;
}

/** Who takes part, and what its owner may change. */
export function Details({ conversation, userId, onClose }: Props) {
  const t = useText(chatTexts);
  const name = useConversationName()(conversation);
  const owner = conversation.kind === "group" && conversation.owner_id === userId;
  const [adding, setAdding] = useState(false);
  return (
    <Dialog open onOpenChange={(open) => !open && onClose()} title={name}>
      {conversation.meeting_id && (
        <ButtonLink to={`/m/${conversation.meeting_id}`} look="quiet">
          {t("to_meeting")}
        </ButtonLink>
      )}
      {owner && <Rename key={conversation.title} conversation={conversation} />}
      {adding ? (
        <AddPeople conversation={conversation} onDone={() => setAdding(false)} />
      ) : (
        <>
          <Participants conversation={conversation} userId={userId} owner={owner} />
          {owner && (
            <Button look="quiet" onClick={() => setAdding(true)}>
              {t("add_people")}
            </Button>
          )}
        </>
      )}
      {conversation.kind === "group" && !adding && (
        <Leave conversation={conversation} userId={userId} />
      )}
    </Dialog>
  );
}

function Rename({ conversation }: { conversation: Conversation }) {
  const t = useText(chatTexts);
  const rename = useRename(conversation);
  const [title, setTitle] = useState(conversation.title);
  return (
    <form
      className="grid gap-3"
      onSubmit={(event) => {
        event.preventDefault();
        rename.mutate(title.trim());
      }}
    >
      <div className="flex items-end gap-3">
        <Field
          label={t("group_title")}
          value={title}
          onChange={(event) => setTitle(event.target.value)}
          maxLength={100}
          required
          className="grow"
        />
        <Button
          type="submit"
          look="quiet"
          pending={rename.isPending}
          disabled={rename.isPending || title.trim() === conversation.title}
        >
          {t("save")}
        </Button>
      </div>
      <FormError error={rename.error} />
    </form>
  );
}

function Participants({
  conversation,
  userId,
  owner,
}: Omit<Props, "onClose"> & { owner: boolean }) {
  const t = useText(chatTexts);
  const found = useParticipants(conversation.id);
  const remove = useRemovePerson(conversation.id);
  const [leaving, setLeaving] = useState<Participant | null>(null);
  const online = useOnline(found.data?.map(({ id }) => id) ?? []);
  if (!found.data) {
    return found.error ? (
      <ErrorState error={found.error} onRetry={() => void found.refetch()} />
    ) : (
      <Skeleton rows={3} />
    );
  }
  return (
    <>
      <ul
        aria-label={t("members")}
        className="grid max-h-72 grid-cols-[minmax(0,1fr)] overflow-y-auto"
      >
        {found.data.map((person) => (
          <li key={person.id} className="flex min-h-13 items-center gap-3">
            <Avatar name={person.name} picture={person.avatar} className="size-9 text-sm" />
            <Link
              to={person.id === userId ? "/people/me" : `/people/${person.id}`}
              className="min-w-0 grow truncate font-medium hover:underline"
            >
              {person.name}
            </Link>
            {person.id === conversation.owner_id && <Badge>{t("owner")}</Badge>}
            {online.has(person.id) && person.id !== userId && <Badge>{t("online")}</Badge>}
            {owner && person.id !== userId && (
              <IconButton
                label={t("remove", { name: person.name })}
                icon={UserMinus}
                onClick={() => setLeaving(person)}
              />
            )}
          </li>
        ))}
      </ul>
      <ConfirmDialog
        open={leaving !== null}
        onOpenChange={(open) => !open && setLeaving(null)}
        title={t("remove_it", { name: leaving?.name ?? "" })}
        action={t("do_remove")}
        onConfirm={async () => leaving && remove.mutateAsync(leaving.id)}
      >
        {t("removed_hint")}
      </ConfirmDialog>
    </>
  );
}

function AddPeople({ conversation, onDone }: { conversation: Conversation; onDone: () => void }) {
  const t = useText(chatTexts);
  const add = useAddPeople(conversation.id);
  const there = useParticipants(conversation.id);
  const [chosen, setChosen] = useState<Person[]>([]);
  return (
    <>
      <PeoplePicker
        chosen={chosen}
        onChange={setChosen}
        without={new Set(there.data?.map(({ id }) => id))}
      />
      <FormError error={add.error} />
      <DialogActions>
        <Button look="quiet" onClick={onDone}>
          {t("back_to_members")}
        </Button>
        <Button
          pending={add.isPending}
          disabled={add.isPending || chosen.length === 0}
          onClick={() =>
            add.mutate(
              chosen.map(({ id }) => id),
              { onSuccess: onDone },
            )
          }
        >
          {t("add_people")}
        </Button>
      </DialogActions>
    </>
  );
}

function Leave({ conversation, userId }: Omit<Props, "onClose">) {
  const t = useText(chatTexts);
  const navigate = useNavigate();
  const leave = useRemovePerson(conversation.id);
  const [asking, setAsking] = useState(false);
  async function go() {
    await leave.mutateAsync(userId);
    await navigate("/chat");
  }
  return (
    <>
      <Button
        look="plain"
        className="justify-self-start text-alarm"
        onClick={() => setAsking(true)}
      >
        <LogOut className="size-4.5" aria-hidden="true" />
        {t("leave")}
      </Button>
      <ConfirmDialog
        open={asking}
        onOpenChange={setAsking}
        title={t("leave_it")}
        action={t("leave")}
        onConfirm={go}
      >
        {t("left_hint")}
      </ConfirmDialog>
    </>
  );
}
