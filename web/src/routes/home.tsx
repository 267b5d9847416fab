import { Plus } from "lucide-react";
import { type FormEvent, useState } from "react";
import { useNavigate } from "react-router";
import { accountToken } from "@/api/account";
import { useMe, useNewMeeting } from "@/api/queries";
import { Button, ButtonLink } from "@/components/button";
import { Field } from "@/components/field";
import { Gathering } from "@/components/gathering";
import { Notice } from "@/components/notice";
import { Page } from "@/components/page";
import { meetingIdFrom } from "@/lib/meeting-id";
import { useObservable } from "@/store/use-observable";

export function Home() {
  const signedIn = useObservable(accountToken) !== null;
  return (
    <Page>
      <div className="my-auto grid items-center gap-12 py-6 lg:grid-cols-[1fr_1.05fr] lg:gap-16">
        <div className="max-w-xl animate-rise">{signedIn ? <Start /> : <Welcome />}</div>
        <Gathering className="w-full max-lg:mx-auto max-lg:max-w-lg" />
      </div>
    </Page>
  );
}

function Welcome() {
  return (
    <>
      <h1 className="text-5xl font-semibold leading-[1.05] sm:text-6xl">
        Pull up a chair. Let’s talk.
      </h1>
      <p className="mt-5 text-lg text-soft">
        Tertulia is a meeting place on your own server: clear pictures, clear voices, one link to
        share. Nobody else listens in.
      </p>
      <div className="mt-8 flex flex-wrap gap-3">
        <ButtonLink to="/signup">Create an account</ButtonLink>
        <ButtonLink to="/signin" look="quiet">
          I have one
        </ButtonLink>
      </div>
      <div className="mt-10 border-t border-line pt-7">
        <JoinByLink />
      </div>
    </>
  );
}

function Start() {
  const me = useMe();
  return (
    <>
      <h1 className="text-4xl font-semibold sm:text-5xl">{me ? `Hello, ${me.name}` : "Hello"}</h1>
      <p className="mt-3 text-lg text-soft">Open a room, send the link, and begin.</p>
      <NewMeeting />
      <div className="mt-8 border-t border-line pt-7">
        <JoinByLink />
      </div>
    </>
  );
}

function NewMeeting() {
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
        label="What is it about? (optional)"
        value={title}
        onChange={(event) => setTitle(event.target.value)}
        placeholder="Monday round table"
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
        Guests may come in with the link
      </label>
      {create.error && <Notice>{create.error.message}</Notice>}
      <Button type="submit" disabled={create.isPending} className="justify-self-start">
        <Plus className="size-5" aria-hidden="true" />
        New meeting
      </Button>
    </form>
  );
}

function JoinByLink() {
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
        label="Got an invitation?"
        className="min-w-56 grow"
        value={text}
        onChange={(event) => setText(event.target.value)}
        placeholder="Link or meeting code"
        autoComplete="off"
        error={wrong ? "That is neither a meeting link nor a code." : undefined}
      />
      <Button type="submit" look="quiet" className={wrong ? "mb-6.5" : ""}>
        Go there
      </Button>
    </form>
  );
}
