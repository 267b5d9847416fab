import { Link2, VideoOff } from "lucide-react";
import { type FormEvent, useEffect, useState } from "react";
import { accountToken } from "@/api/account";
import { useProblemText } from "@/api/problem-text";
import { useMe, useMeeting, useNewGuest } from "@/api/queries";
import { Button, ButtonLink } from "@/components/button";
import { Field } from "@/components/field";
import { FormError } from "@/components/form-error";
import { Logo } from "@/components/logo";
import { Notice } from "@/components/notice";
import { Card, Page } from "@/components/page";
import { usePageTitle } from "@/components/use-page-title";
import { useText } from "@/i18n/text";
import { commonTexts } from "@/locales/common";
import { meetingTexts } from "@/locales/meeting";
import type { LocalMedia } from "@/media/local";
import { useObservable } from "@/store/use-observable";
import { holdGuestToken } from "./admission";
import { DeviceProblems } from "./device-problems";
import { DeviceChoices } from "./device-select";
import { CameraToggle, MicrophoneToggle } from "./device-toggles";
import { LocalVideo } from "./local-video";
import { useCopyInvite } from "./use-copy-invite";
import { useMicrophoneLevel } from "./use-microphone-level";

interface Props {
  meetingId: string;
  local: LocalMedia;
  /** There is a token to enter with. */
  onToken: (token: string) => void;
}

export function PreJoin({ meetingId, local, onToken }: Props) {
  const t = useText(meetingTexts);
  const common = useText(commonTexts);
  const problem = useProblemText();
  const meeting = useMeeting(meetingId);
  usePageTitle(meeting.data?.title || t("meeting"));
  if (meeting.error?.status === 404) return <NoSuchMeeting />;
  return (
    <div className="stage flex min-h-dvh flex-col">
      <header className="flex items-center justify-between gap-3 px-4 py-4 sm:px-8">
        <Logo />
        <CopyInvite url={meeting.data?.url ?? location.href} />
      </header>
      <main className="m-auto grid w-full max-w-6xl items-center gap-8 [@media(height<30rem)]:items-start px-4 pb-10 sm:px-8 sm:landscape:grid-cols-2 lg:grid-cols-[1.6fr_1fr] lg:landscape:grid-cols-[1.6fr_1fr] min-[2400px]:max-w-[60vw] lg:gap-12">
        <Preview local={local} />
        <section className="animate-rise">
          <h1 className="text-3xl font-semibold sm:text-4xl">
            {meeting.data?.title || t("ready")}
          </h1>
          {meeting.data && (
            <p className="mt-2 text-soft">{t("invited_by", { name: meeting.data.host.name })}</p>
          )}
          <div className="mt-6 grid gap-5">
            <DeviceChoices local={local} />
            {meeting.error ? (
              <Notice>
                {problem(meeting.error)}{" "}
                <button
                  type="button"
                  className="font-semibold underline"
                  onClick={() => void meeting.refetch()}
                >
                  {common("try_again")}
                </button>
              </Notice>
            ) : (
              <Entrance
                meetingId={meetingId}
                guestsAllowed={meeting.data?.guests_allowed ?? true}
                passwordRequired={meeting.data?.password_required ?? false}
                onToken={onToken}
              />
            )}
          </div>
        </section>
      </main>
    </div>
  );
}

function NoSuchMeeting() {
  const t = useText(meetingTexts);
  const common = useText(commonTexts);
  return (
    <Page>
      <Card title={t("missing_title")}>
        <p className="mt-3 text-soft">{t("missing")}</p>
        <ButtonLink to="/" className="mt-7 w-full">
          {common("back_to_start")}
        </ButtonLink>
      </Card>
    </Page>
  );
}

function CopyInvite({ url }: { url: string }) {
  const t = useText(meetingTexts);
  const copy = useCopyInvite(url);
  return (
    <Button look="quiet" onClick={copy} className="px-4">
      <Link2 className="size-5" aria-hidden="true" />
      {t("copy_invite")}
    </Button>
  );
}

function Preview({ local }: { local: LocalMedia }) {
  const t = useText(meetingTexts);
  const { camera, microphone, asking } = useObservable(local.state);
  const level = useMicrophoneLevel(microphone.on ? microphone.track : null);
  return (
    <div className="grid gap-4">
      <div className="relative aspect-video overflow-hidden rounded-3xl bg-tile">
        {camera.track && camera.on ? (
          <LocalVideo track={camera.track} mirrored className="object-cover" />
        ) : (
          <div className="grid size-full place-content-center justify-items-center gap-3 p-6 pb-20 text-center text-soft">
            <VideoOff className="size-9" aria-hidden="true" />
            <p>{t(asking ? "asking" : "your_camera_off")}</p>
          </div>
        )}
        <div className="absolute inset-x-0 bottom-4 flex justify-center gap-3">
          <MicrophoneToggle local={local} />
          <CameraToggle local={local} />
        </div>
        <LevelMeter level={level} />
      </div>
      <DeviceProblems local={local} />
    </div>
  );
}

const BARS = [0.08, 0.25, 0.42, 0.6, 0.78];

/** So that people see that they will be heard. */
function LevelMeter({ level }: { level: number }) {
  const t = useText(meetingTexts);
  return (
    <div className="absolute bottom-5 left-3 flex h-10 items-center gap-1 rounded-xl bg-stage/60 px-3 sm:left-5">
      <meter aria-label={t("level")} value={level} className="sr-only" />
      {BARS.map((threshold, index) => (
        <span
          key={threshold}
          style={{ height: 6 + index * 4 }}
          className={`w-1.5 rounded-full transition-colors duration-75 ${level >= threshold ? "bg-sun" : "bg-line"}`}
        />
      ))}
    </div>
  );
}

interface EntranceProps {
  meetingId: string;
  guestsAllowed: boolean;
  passwordRequired: boolean;
  onToken: (token: string) => void;
}

function Entrance({ guestsAllowed, ...guest }: EntranceProps) {
  const { meetingId, onToken } = guest;
  const t = useText(meetingTexts);
  const token = useObservable(accountToken);
  if (token) return <MemberEntrance onJoin={() => onToken(token)} />;
  if (guestsAllowed) return <GuestEntrance {...guest} />;
  return (
    <div className="grid gap-3">
      <p className="text-soft">{t("members_only")}</p>
      <ButtonLink to={`/signin?next=${encodeURIComponent(`/m/${meetingId}`)}`}>
        {t("sign_in")}
      </ButtonLink>
    </div>
  );
}

function MemberEntrance({ onJoin }: { onJoin: () => void }) {
  const t = useText(meetingTexts);
  const me = useMe();
  const [pressed, setPressed] = useState(false);
  function join() {
    setPressed(true);
    onJoin();
  }
  return (
    <div className="grid gap-3">
      <Button onClick={join} pending={pressed} className="min-h-13 text-lg">
        {t("join")}
      </Button>
      <p className="text-center text-sm text-soft">
        {me ? t("join_as", { name: me.name }) : "\u00a0"}
      </p>
    </div>
  );
}

const GUEST_NAME = "tertulia.guest_name";

function GuestEntrance({
  meetingId,
  passwordRequired,
  onToken,
}: Omit<EntranceProps, "guestsAllowed">) {
  const t = useText(meetingTexts);
  const [name, setName] = useState(() => localStorage.getItem(GUEST_NAME) ?? "");
  const [password, setPassword] = useState("");
  const guest = useNewGuest(meetingId);
  const fields = guest.error?.fields ?? {};
  /** It may have been set since the meeting was looked up. */
  const asksPassword = passwordRequired || "password" in fields;
  useEffect(() => localStorage.setItem(GUEST_NAME, name), [name]);
  function submit(event: FormEvent) {
    event.preventDefault();
    guest.mutate(
      { name, ...(asksPassword && password && { password }) },
      {
        onSuccess: ({ token }) => {
          holdGuestToken(meetingId, token);
          onToken(token);
        },
      },
    );
  }
  return (
    <form onSubmit={submit} className="grid gap-4">
      <Field
        label={t("your_name")}
        value={name}
        onChange={(event) => setName(event.target.value)}
        autoComplete="name"
        maxLength={80}
        required
        error={fields.name}
      />
      {asksPassword && (
        <Field
          label={t("meeting_password")}
          type="password"
          value={password}
          onChange={(event) => setPassword(event.target.value)}
          autoComplete="off"
          maxLength={128}
          required
          error={fields.password && guest.error?.message}
        />
      )}
      <FormError error={guest.error} fields={["name", "password"]} />
      <Button
        type="submit"
        pending={guest.isPending || guest.isSuccess}
        className="min-h-13 text-lg"
      >
        {t("join")}
      </Button>
    </form>
  );
}
