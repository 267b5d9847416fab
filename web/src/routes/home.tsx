import { Plus } from "lucide-react";
import { type FormEvent, useState } from "react";
import { useNavigate } from "react-router";
import { accountToken } from "@/api/account";
import { useMe, useNewMeeting } from "@/api/queries";
import { Button, ButtonLink } from "@/components/button";
import { Field } from "@/components/field";
import { FormError } from "@/components/form-error";
import { Gathering } from "@/components/gathering";
import { Heading } from "@/components/heading";
import { usePageTitle } from "@/components/use-page-title";
import { useText } from "@/i18n/text";
import { meetingIdFrom } from "@/lib/meeting-id";
import { homeTexts } from "@/locales/home";
import { shellTexts } from "@/locales/shell";
import { useObservable } from "@/store/use-observable";

export default function Home() {
  const signedIn = useObservable(accountToken) !== null;
  return signedIn ? <Start /> : <Welcome />;
}

function Welcome() {
  const t = useText(homeTexts);
  return (
    <div className="my-auto grid items-center gap-12 py-6 lg:grid-cols-[1fr_1.05fr] lg:gap-16">
      <div className="max-w-xl animate-rise">
        <Heading className="text-5xl leading-[1.05] sm:text-6xl">{t("welcome")}</Heading>
        <p className="mt-5 text-lg text-soft">{t("about")}</p>
        <div className="mt-8 flex flex-wrap gap-3">
          <ButtonLink to="/signup">{t("create_account")}</ButtonLink>
          <ButtonLink to="/signin" look="quiet">
            {t("have_account")}
          </ButtonLink>
        </div>
        <div className="mt-10 border-t border-line pt-7">
          <JoinByLink />
        </div>
      </div>
      <Gathering className="w-full max-lg:mx-auto max-lg:max-w-lg" />
    </div>
  );
}

function Start() {
  const t = useText(homeTexts);
  const s = useText(shellTexts);
  const me = useMe();
  usePageTitle(s("home"));
  return (
    <div className="mx-auto grid min-h-(--shell-height) w-full max-w-6xl items-center gap-12 px-4 py-8 sm:px-8 lg:grid-cols-[1fr_1.05fr] lg:gap-16">
      <div className="max-w-xl animate-rise">
        <Heading className="text-4xl sm:text-5xl">
          {me ? t("hello_name", { name: me.name }) : t("hello")}
        </Heading>
        <p className="mt-3 text-lg text-soft">{t("lead")}</p>
        <NewMeeting />
        <div className="mt-8 border-t border-line pt-7">
          <JoinByLink />
        </div>
      </div>
      <Gathering className="w-full max-lg:hidden" />
    </div>
  );
}

function NewMeeting() {
  const t = useText(homeTexts);
  const [title, setTitle] = useState("");
  const [guests, setGuests] = useState(true);
  const create = useNewMeeting();
  const navigate = useNavigate();
  function submit(event: FormEvent) {
    event.preventDefault();
    create.mutate(
      { title, guests_allowed: guests },
      { onSuccess: (meeting) => navigate(`/m/${meeting.id}`) },
    );
  }
  return (
    <form onSubmit={submit} className="mt-8 grid gap-4">
      <Field
        label={t("topic")}
        value={title}
        onChange={(event) => setTitle(event.target.value)}
        placeholder={t("topic_example")}
        maxLength={200}
        autoComplete="off"
        error={create.error?.fields?.title}
      />
      <label className="flex min-h-8 items-center gap-2.5 justify-self-start">
        <input
          type="checkbox"
          checked={guests}
          onChange={(event) => setGuests(event.target.checked)}
          className="size-4.5 accent-brand"
        />
        {t("guests")}
      </label>
      <FormError error={create.error} fields={["title"]} />
      <Button type="submit" pending={create.isPending} className="justify-self-start">
        {!create.isPending && <Plus className="size-5" aria-hidden="true" />}
        {t("new_meeting")}
      </Button>
    </form>
  );
}

function JoinByLink() {
  const t = useText(homeTexts);
  const [text, setText] = useState("");
  const [wrong, setWrong] = useState(false);
  const navigate = useNavigate();
  function submit(event: FormEvent) {
    event.preventDefault();
    const id = meetingIdFrom(text);
    setWrong(id === null);
    if (id) navigate(`/m/${id}`);
  }
  return (
    <form onSubmit={submit} className="flex flex-wrap items-end gap-3">
      <Field
        label={t("invitation")}
        className="min-w-56 grow"
        value={text}
        onChange={(event) => setText(event.target.value)}
        placeholder={t("invitation_example")}
        autoComplete="off"
        error={wrong ? t("invitation_wrong") : undefined}
      />
      <Button type="submit" look="quiet" className={wrong ? "mb-6.5" : ""}>
        {t("go")}
      </Button>
    </form>
  );
}
