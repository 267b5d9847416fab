import { ImageUp, Trash2 } from "lucide-react";
import { type ChangeEvent, useEffect, useRef, useState } from "react";
import type { User } from "@/api/queries";
import { Avatar } from "@/components/avatar";
import { Button } from "@/components/button";
import { ConfirmDialog } from "@/components/confirm-dialog";
import { FormError } from "@/components/form-error";
import { Notice } from "@/components/notice";
import { Panel } from "@/components/screen";
import { showToast } from "@/components/toasts";
import { useText } from "@/i18n/text";
import { commonTexts } from "@/locales/common";
import { peopleTexts } from "@/locales/people";
import { PictureError, squareOf } from "./picture";
import { useNewPicture } from "./queries";

const FACE = "size-28 text-4xl sm:size-36 sm:text-5xl";

export function PicturePanel({ me }: { me: User }) {
  const t = useText(peopleTexts);
  const common = useText(commonTexts);
  const file = useRef<HTMLInputElement>(null);
  const [chosen, setChosen] = useState<Blob | null>(null);
  const [problem, setProblem] = useState<PictureError["reason"] | null>(null);
  const [asking, setAsking] = useState(false);
  const change = useNewPicture();

  async function choose({ target }: ChangeEvent<HTMLInputElement>) {
    const given = target.files?.[0];
    target.value = ""; // so that the same one can be chosen again
    if (!given) return;
    setProblem(null);
    change.reset();
    try {
      setChosen(await squareOf(given));
    } catch (error) {
      setChosen(null);
      setProblem(error instanceof PictureError ? error.reason : "unreadable");
    }
  }

  function use(picture: Blob) {
    change.mutate(picture, {
      onSuccess: () => {
        setChosen(null);
        showToast(t("picture_saved"));
      },
    });
  }

  return (
    <Panel title={t("picture")}>
      <div className="flex flex-wrap items-center gap-6">
        {chosen ? (
          <Preview picture={chosen} />
        ) : (
          <Avatar name={me.name} picture={me.avatar} className={FACE} />
        )}
        <div className="grid min-w-52 grow basis-64 justify-items-start gap-4">
          <p className="text-soft">{t(chosen ? "picture_preview" : "picture_hint")}</p>
          {problem && <Notice>{t(problem)}</Notice>}
          {!asking && <FormError error={change.error} />}
          <div className="flex flex-wrap gap-3">
            {chosen ? (
              <>
                <Button pending={change.isPending} onClick={() => use(chosen)}>
                  {t("use_picture")}
                </Button>
                <Button look="plain" onClick={() => setChosen(null)}>
                  {common("cancel")}
                </Button>
              </>
            ) : (
              <>
                <Button look="quiet" onClick={() => file.current?.click()}>
                  <ImageUp className="size-4.5" aria-hidden="true" />
                  {t("choose_picture")}
                </Button>
                {me.avatar && (
                  <Button look="plain" onClick={() => setAsking(true)}>
                    <Trash2 className="size-4.5" aria-hidden="true" />
                    {t("remove_picture")}
                  </Button>
                )}
              </>
            )}
          </div>
        </div>
        <input
          ref={file}
          type="file"
          accept="image/*"
          aria-label={t("choose_picture")}
          onChange={choose}
          hidden
        />
      </div>
      <ConfirmDialog
        open={asking}
        onOpenChange={setAsking}
        title={t("remove_it")}
        action={t("remove_picture")}
        onConfirm={() => change.mutateAsync(null)}
      >
        {t("initials_then")}
      </ConfirmDialog>
    </Panel>
  );
}

function Preview({ picture }: { picture: Blob }) {
  const t = useText(peopleTexts);
  const [source, setSource] = useState<string>();
  useEffect(() => {
    const url = URL.createObjectURL(picture);
    setSource(url);
    return () => URL.revokeObjectURL(url);
  }, [picture]);
  return (
    <img
      src={source}
      alt={t("chosen_picture")}
      className={`shrink-0 rounded-full bg-raised object-cover ${FACE}`}
    />
  );
}
