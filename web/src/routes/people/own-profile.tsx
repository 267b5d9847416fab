import { type FormEvent, useState } from "react";
import { type User, useMe } from "@/api/queries";
import { Button, ButtonLink } from "@/components/button";
import { Field } from "@/components/field";
import { FormError } from "@/components/form-error";
import { Notice } from "@/components/notice";
import { Panel, Screen } from "@/components/screen";
import { Skeleton } from "@/components/skeleton";
import { showToast } from "@/components/toasts";
import { useText } from "@/i18n/text";
import { peopleTexts } from "@/locales/people";
import { beginning, changesOf, moved } from "./draft";
import { PicturePanel } from "./picture-panel";
import { useEditProfile, useReloadMe } from "./queries";

const MAX_NAME = 80;
const MAX_AGE = 150;
const CHANGED_MEANWHILE = 412;
const FIELDS = ["name", "age"];

export function OwnProfile() {
  const t = useText(peopleTexts);
  const me = useMe();
  return (
    <Screen
      title={t("own")}
      actions={
        me && (
          <ButtonLink to={`/people/${me.id}`} look="quiet">
            {t("as_others")}
          </ButtonLink>
        )
      }
    >
      {me ? (
        <div className="grid grid-cols-[minmax(0,1fr)] gap-6">
          <PicturePanel me={me} />
          <About me={me} />
        </div>
      ) : (
        <Skeleton />
      )}
    </Screen>
  );
}

function About({ me }: { me: User }) {
  const t = useText(peopleTexts);
  const [draft, setDraft] = useState(() => beginning(me));
  const edit = useEditProfile();
  const reload = useReloadMe();
  const conflict = edit.error?.status === CHANGED_MEANWHILE;
  const base = moved(draft.base, me);
  const { fields = {} } = edit.error ?? {};

  function save(version: number) {
    edit.mutate(
      { version, changes: changesOf(draft) },
      {
        onSuccess: (saved) => {
          setDraft(beginning(saved));
          showToast(t("saved"));
        },
        onError: ({ status }) => status === CHANGED_MEANWHILE && reload(),
      },
    );
  }

  function submit(event: FormEvent<HTMLFormElement>) {
    event.preventDefault();
    save(base.version);
  }

  function takeTheirs() {
    setDraft(beginning(me));
    edit.reset();
  }

  return (
    <Panel title={t("about")}>
      <form className="grid gap-5 sm:grid-cols-2" onSubmit={submit}>
        <Field
          label={t("name")}
          hint={t("name_hint")}
          value={draft.name}
          onChange={(event) => setDraft({ ...draft, name: event.target.value })}
          maxLength={MAX_NAME}
          autoComplete="name"
          required
          readOnly={edit.isPending}
          error={fields.name}
        />
        <Field
          label={t("age")}
          hint={t("age_hint")}
          type="number"
          inputMode="numeric"
          min={0}
          max={MAX_AGE}
          value={draft.age}
          onChange={(event) => setDraft({ ...draft, age: event.target.value })}
          readOnly={edit.isPending}
          error={fields.age}
        />
        <p className="text-soft sm:col-span-2">{t("email", { email: me.email })}</p>
        <div className="grid justify-items-start gap-4 sm:col-span-2">
          {conflict ? (
            <Notice>
              <p>{t("changed_elsewhere", { name: me.name, age: me.age ?? "–" })}</p>
              <div className="mt-3 flex flex-wrap gap-3">
                <Button look="quiet" pending={edit.isPending} onClick={() => save(me.version)}>
                  {t("keep_mine")}
                </Button>
                <Button look="plain" onClick={takeTheirs}>
                  {t("take_theirs")}
                </Button>
              </div>
            </Notice>
          ) : (
            <>
              <FormError error={edit.error} fields={FIELDS} />
              <Button type="submit" pending={edit.isPending}>
                {t("save")}
              </Button>
            </>
          )}
        </div>
      </form>
    </Panel>
  );
}
