import { MonitorSmartphone } from "lucide-react";
import { useState } from "react";
import { Badge } from "@/components/badge";
import { Button } from "@/components/button";
import { ConfirmDialog } from "@/components/confirm-dialog";
import { FormError } from "@/components/form-error";
import { InfiniteList } from "@/components/infinite-list";
import { Panel } from "@/components/screen";
import { showToast } from "@/components/toasts";
import { useFormat } from "@/i18n/format";
import { useText } from "@/i18n/text";
import { settingsTexts } from "@/locales/settings";
import { type Login, useEndLogins, useLogins } from "./queries";

/** Each login, the present one first. */
export function Logins() {
  const t = useText(settingsTexts);
  const logins = useLogins();
  const others = logins.data?.filter(({ current }) => !current) ?? [];
  return (
    <Panel title={t("sessions")} actions={others.length > 1 && <EndOthers logins={others} />}>
      <InfiniteList
        label={t("sessions")}
        pages={logins}
        keyOf={({ id }) => id}
        empty={null}
        className="grid gap-1"
      >
        {(login) => <LoginRow login={login} />}
      </InfiniteList>
    </Panel>
  );
}

function LoginRow({ login }: { login: Login }) {
  const t = useText(settingsTexts);
  const end = useEndLogins();
  const when = useFormat().time(login.created_at, "datetime");
  return (
    <div className="grid gap-2">
      <div className="flex min-h-14 flex-wrap items-center gap-x-4 gap-y-1">
        <MonitorSmartphone className="size-6 shrink-0 text-soft" aria-hidden="true" />
        <div className="min-w-40 grow">
          <p className="font-medium">{t("signed_in_at", { when })}</p>
          {!login.current && <p className="text-sm text-soft">{t("another_browser")}</p>}
        </div>
        {login.current ? (
          <Badge>{t("this_browser")}</Badge>
        ) : (
          <Button
            look="plain"
            className="-mr-3 px-3!"
            pending={end.isPending}
            aria-label={t("sign_out_of", { when })}
            onClick={() =>
              end.mutate([login], { onSuccess: () => showToast(t("signed_out_there")) })
            }
          >
            {t("sign_out_there")}
          </Button>
        )}
      </div>
      <FormError error={end.error} />
    </div>
  );
}

function EndOthers({ logins }: { logins: readonly Login[] }) {
  const t = useText(settingsTexts);
  const end = useEndLogins();
  const [asking, setAsking] = useState(false);
  return (
    <>
      <Button look="quiet" onClick={() => setAsking(true)}>
        {t("sign_out_others")}
      </Button>
      <ConfirmDialog
        open={asking}
        onOpenChange={setAsking}
        title={t("sign_out_others_question")}
        action={t("sign_out_others")}
        onConfirm={() => end.mutateAsync(logins)}
      >
        {t("sign_out_others_about")}
      </ConfirmDialog>
    </>
  );
}
