import { signOut } from "@/api/account";
import { Button, ButtonLink } from "@/components/button";
import { Card, Page } from "@/components/page";
import { useText } from "@/i18n/text";
import { commonTexts } from "@/locales/common";
import { meetingTexts } from "@/locales/meeting";
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
  const t = useText(meetingTexts);
  const common = useText(commonTexts);
  const failure = useObservable(session.state, (state) => state.failure);
  const reason = explain(failure);
  function introduceAgain() {
    dropGuestToken(meetingId);
    signOut();
    onBack();
  }
  const locked = failure === "password_required" || failure === "wrong_password";
  const final = failure !== null && FINAL.has(failure);
  const stranger = failure === "bad_token" || failure === "session_ended";
  return (
    <Page>
      <Card title={t(`${reason}_title`)}>
        <p className="mt-3 text-soft">{t(reason)}</p>
        <div className="mt-7 grid gap-3">
          {locked ? (
            <PasswordForm wrong={failure === "wrong_password"} onPassword={onAgain} />
          ) : (
            !final && (
              <Button onClick={stranger ? introduceAgain : () => onAgain()}>
                {failure === "replaced" ? t("here_instead") : common("try_again")}
              </Button>
            )
          )}
          <ButtonLink to="/" look={final ? "primary" : "quiet"}>
            {common("back_to_start")}
          </ButtonLink>
        </div>
      </Card>
    </Page>
  );
}

/** What no other attempt changes. */
const FINAL: ReadonlySet<string> = new Set(["ended", "removed", "forbidden", "not_found"]);

/** The names of what is said: of the title, and of the text. */
function explain(failure: SessionState["failure"]) {
  switch (failure) {
    case "bad_token":
    case "session_ended":
      return "expired";
    case "meeting_full":
      return "full";
    case "password_required":
    case "wrong_password":
      return "password";
    case "not_found":
      return "gone";
    case "replaced":
    case "forbidden":
    case "locked":
    case "refused":
    case "removed":
    case "ended":
      return failure;
    default:
      return "failed";
  }
}
