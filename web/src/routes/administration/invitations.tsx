import { MailPlus, Ticket } from "lucide-react";
import { type FormEvent, useState } from "react";
import { Badge } from "@/components/badge";
import { Button } from "@/components/button";
import { ConfirmDialog } from "@/components/confirm-dialog";
import { Dialog, DialogActions } from "@/components/dialog";
import { EmptyState } from "@/components/empty-state";
import { Field } from "@/components/field";
import { FormError } from "@/components/form-error";
import { InfiniteList } from "@/components/infinite-list";
import { Time } from "@/components/time";
import { showToast } from "@/components/toasts";
import { useText } from "@/i18n/text";
import { copyText } from "@/lib/clipboard";
import { administrationTexts } from "@/locales/administration";
import { commonTexts } from "@/locales/common";
import { type Invitation, useInvitations, useInvite, useRevoke, useServer } from "./queries";

export function Invitations() {
  const t = useText(administrationTexts);
  const signup = useServer().data?.signup;
  return (
    <>
      <div className="mb-6 flex min-h-11 flex-wrap items-center justify-between gap-4">
        <p className="max-w-lg text-soft">
          {signup === "open" && t("signup_open")}
          {signup === "invite" && t("signup_invite")}
          {signup === "closed" && t("signup_closed")}
        </p>
        {signup === "invite" && <Invite />}
      </div>
      <InfiniteList
        label={t("invitations")}
        pages={useInvitations()}
        keyOf={({ id }) => id}
        empty={
          <EmptyState icon={Ticket} title={t("no_invitations")}>
            {t("invite_about")}
          </EmptyState>
        }
        className="grid grid-cols-[minmax(0,1fr)] gap-1"
      >
        {(invitation) => <InvitationRow invitation={invitation} />}
      </InfiniteList>
    </>
  );
}

function InvitationRow({ invitation }: { invitation: Invitation }) {
  const t = useText(administrationTexts);
  const { email, created_by, created_at } = invitation;
  const name = email ?? t("anybody");
  return (
    <div className="flex min-h-16 flex-wrap items-center gap-x-4 gap-y-2 py-2">
      <div className="min-w-40 grow">
        <p className="truncate font-medium">{name}</p>
        <p className="text-sm text-soft">
          {t("invited_by", { name: created_by?.name ?? t("command_line") })}
          {" · "}
          <Time value={created_at} style="relative" />
        </p>
      </div>
      <Fate invitation={invitation} name={name} />
    </div>
  );
}

function Fate({ invitation, name }: { invitation: Invitation; name: string }) {
  const t = useText(administrationTexts);
  const [now] = useState(Date.now);
  const { used_at, used_by, expires_at } = invitation;
  if (used_at) return <Badge>{t("used_by", { name: used_by?.name ?? t("somebody") })}</Badge>;
  if (Date.parse(expires_at) < now) return <Badge>{t("expired")}</Badge>;
  return <Revoke invitation={invitation} name={name} />;
}

function Revoke({ invitation, name }: { invitation: Invitation; name: string }) {
  const t = useText(administrationTexts);
  const revoke = useRevoke(invitation);
  const [asking, setAsking] = useState(false);
  return (
    <>
      <Button
        look="plain"
        className="-mr-3 px-3!"
        aria-label={t("revoke_for", { name })}
        onClick={() => setAsking(true)}
      >
        {t("revoke")}
      </Button>
      <ConfirmDialog
        open={asking}
        onOpenChange={setAsking}
        title={t("revoke_ask")}
        action={t("revoke")}
        onConfirm={() => revoke.mutateAsync()}
      >
        {t("revoke_about")}
      </ConfirmDialog>
    </>
  );
}

function Invite() {
  const t = useText(administrationTexts);
  const [open, setOpen] = useState(false);
  const invite = useInvite();
  const link = invite.data && `${location.origin}/signup?invitation=${invite.data.code}`;
  function begin() {
    invite.reset();
    setOpen(true);
  }
  return (
    <>
      <Button onClick={begin}>
        <MailPlus className="size-5" aria-hidden="true" />
        {t("invite")}
      </Button>
      <Dialog
        open={open}
        onOpenChange={setOpen}
        title={t(link ? "invitation_made" : "invite")}
        description={t(link ? "invitation_once" : "invite_about")}
      >
        {link ? (
          <Made link={link} onDone={() => setOpen(false)} />
        ) : (
          <InviteForm invite={invite} onCancel={() => setOpen(false)} />
        )}
      </Dialog>
    </>
  );
}

interface FormProps {
  invite: ReturnType<typeof useInvite>;
  onCancel: () => void;
}

function InviteForm({ invite, onCancel }: FormProps) {
  const t = useText(administrationTexts);
  const common = useText(commonTexts);
  function submit(event: FormEvent<HTMLFormElement>) {
    event.preventDefault();
    invite.mutate(String(new FormData(event.currentTarget).get("email")).trim());
  }
  return (
    <form onSubmit={submit} className="grid gap-5">
      <Field
        label={t("email")}
        name="email"
        type="email"
        autoComplete="off"
        hint={t("email_hint")}
        error={invite.error?.fields.email}
      />
      <FormError error={invite.error} fields={["email"]} />
      <DialogActions>
        <Button look="quiet" onClick={onCancel}>
          {common("cancel")}
        </Button>
        <Button type="submit" pending={invite.isPending}>
          {t("make_invitation")}
        </Button>
      </DialogActions>
    </form>
  );
}

function Made({ link, onDone }: { link: string; onDone: () => void }) {
  const t = useText(administrationTexts);
  return (
    <div className="grid gap-5">
      <Field
        label={t("invitation_link")}
        value={link}
        readOnly
        onFocus={(event) => event.target.select()}
      />
      <DialogActions>
        <Button look="quiet" onClick={onDone}>
          {t("done")}
        </Button>
        <Button onClick={async () => (await copyText(link)) && showToast(t("copied"))}>
          {t("copy")}
        </Button>
      </DialogActions>
    </div>
  );
}
