import { Plus } from "lucide-react";
import { type FormEvent, lazy, Suspense, useState } from "react";
import { useNavigate } from "react-router";
import { accountToken } from "@/api/account";
import { useMe, useNewMeeting } from "@/api/queries";
import { Button, ButtonLink } from "@/components/button";
import { Field } from "@/components/field";
import { FormError } from "@/components/form-error";
import { Gathering } from "@/components/gathering";
import { Heading } from "@/components/heading";
import { Skeleton } from "@/components/skeleton";
import { usePageTitle } from "@/components/use-page-title";
import { useText } from "@/i18n/text";
import { meetingIdFrom } from "@/lib/meeting-id";
import { homeTexts } from "@/locales/home";
import { shellTexts } from "@/locales/shell";
import { useObservable } from "@/store/use-observable";

const Overview = lazy(() => import("./home/overview"));

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
    <div className="mx-auto w-full max-w-6xl px-4 py-6 sm:px-8 sm:py-10">
      <Heading className="text-4xl sm:text-5xl">
        {me ? t("hello_name", { name: me.name }) : t("hello")}
      </Heading>
      <p className="mt-3 text-lg text-soft">{t("lead")}</p>
      <div className="mt-6 mb-8 grid gap-x-8 gap-y-5 sm:flex sm:items-end">
        <NewMeeting />
        <div className="max-sm:border-t max-sm:border-line max-sm:pt-5 sm:w-96 sm:border-l sm:border-line sm:pl-8">
          <JoinByLink />
        </div>
      </div>
      <Suspense fallback={<Skeleton />}>
        <Overview />
      </Suspense>
    </div>
  );
}

/** At once: what it is about can be said later. */
function NewMeeting() {
  const t = useText(homeTexts);
  const create = useNewMeeting();
  const navigate = useNavigate();
  return (
    <div className="grid gap-3">
      <FormError error={create.error} />
      <Button
        pending={create.isPending}
        className="min-h-13 px-7 text-lg"
        onClick={() => create.mutate({}, { onSuccess: ({ id }) => navigate(`/m/${id}`) })}
      >
        {!create.isPending && <Plus className="size-5" aria-hidden="true" />}
        {t("new_meeting")}
      </Button>
    </div>
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
    <form onSubmit={submit} className="flex items-end gap-3">
      <Field
        label={t("invitation")}
        className="min-w-0 grow"
        value={text}
        onChange={(event) => setText(event.target.value)}
        placeholder={t("invitation_example")}
        autoComplete="off"
        error={wrong ? t("invitation_wrong") : undefined}
      />
      <Button type="submit" look="quiet" className={`shrink-0 ${wrong ? "mb-6.5" : ""}`}>
        {t("go")}
      </Button>
    </form>
  );
}
