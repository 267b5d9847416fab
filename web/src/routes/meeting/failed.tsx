import { signOut } from "@/api/account";
import { Button, ButtonLink } from "@/components/button";
import { Card, Page } from "@/components/page";
import type { MediaSession, SessionState } from "@/media/session";
import { useObservable } from "@/store/use-observable";
import { dropGuestToken } from "./admission";
import { PasswordForm } from "./password-form";

interface Props {
  session: MediaSession;
  meetingId: string;
  onAgain: (password?: string) => void;
  /** To where one gives a name or signs in. */
  onBack: () => void;
}

export function Failed({ session, meetingId, onAgain, onBack }: Props) {
  const failure = useObservable(session.state, (state) => state.failure);
  const { title, text } = explain(failure);
  function introduceAgain() {
    dropGuestToken(meetingId);
    signOut();
    onBack();
  }
  const locked = failure === "password_required" || failure === "wrong_password";
  const stranger = failure === "bad_token" || failure === "session_ended";
  return (
    <Page>
      <Card title={title}>
        <p className="mt-3 text-soft">{text}</p>
        <div className="mt-7 grid gap-3">
          {locked ? (
            <PasswordForm wrong={failure === "wrong_password"} onPassword={onAgain} />
          ) : (
            <Button onClick={stranger ? introduceAgain : () => onAgain()}>Try again</Button>
          )}
          <ButtonLink to="/" look="quiet">
            Back to the start
          </ButtonLink>
        </div>
      </Card>
    </Page>
  );
}

function explain(failure: SessionState["failure"]): { title: string; text: string } {
  switch (failure) {
    case "replaced":
      return {
        title: "You are here twice",
        text: "You came into this meeting from another tab or window, so this one stepped back.",
      };
    case "bad_token":
    case "session_ended":
      return {
        title: "Who was that again?",
        text: "Your sign-in has expired. Please come in anew.",
      };
    case "meeting_full":
      return { title: "Every chair is taken", text: "This meeting is full. Try again later." };
    case "forbidden":
      return { title: "This door is closed", text: "You may not enter this meeting." };
    case "locked":
      return { title: "This meeting is locked", text: "Nobody new can come in just now." };
    case "password_required":
    case "wrong_password":
      return { title: "The password, please", text: "This meeting asks for one." };
    case "refused":
      return { title: "Not now", text: "The host did not let you in. You may ask again." };
    case "removed":
      return { title: "You have been removed", text: "A host has put you out of this meeting." };
    case "ended":
      return { title: "The meeting is over", text: "The host has ended it for everybody." };
    case "not_found":
      return { title: "There is no such meeting", text: "It may have been removed." };
    default:
      return {
        title: "That did not work",
        text: "The meeting could not be entered. Please try again.",
      };
  }
}
