import { type MouseEvent, useState } from "react";
import { useNavigate, useParams } from "react-router";
import { type User, useMe } from "@/api/queries";
import { Button, ButtonLink } from "@/components/button";
import { ErrorState } from "@/components/error-state";
import { Field, TextArea } from "@/components/field";
import { FormError } from "@/components/form-error";
import { Notice } from "@/components/notice";
import { Screen } from "@/components/screen";
import { Skeleton } from "@/components/skeleton";
import { Tabs } from "@/components/tabs";
import { showToast } from "@/components/toasts";
import { useText } from "@/i18n/text";
import { useLate } from "@/lib/use-late";
import { blogTexts } from "@/locales/blog";
import { NotFound } from "@/routes/not-found";
import { Prose } from "./prose";
import { loadPost, type Post, usePost, usePreview, useSavePost } from "./queries";
import { findUnsaved, forgetUnsaved, keepUnsaved, keptBase } from "./unsaved";

const MAX_TITLE = 200;
const MAX_CONTENT = 64 * 1024;
/** Characters left from which on their number is said. */
const NEAR_TITLE = 50;
const NEAR = 2_000;
const CHANGED_MEANWHILE = 412;

export function NewPost() {
  const me = useMe();
  return me ? <Editor me={me} post={null} /> : <Loading />;
}

export function EditPost() {
  const { id = "" } = useParams();
  return /^[1-9]\d{0,14}$/.test(id) ? <Found key={id} id={Number(id)} /> : <NotFound />;
}

function Found({ id }: { id: number }) {
  const me = useMe();
  const post = usePost(id);
  // Deleted elsewhere meanwhile, it stays under the hands of who writes.
  if (post.data && me) {
    return post.data.author.id === me.id ? <Editor me={me} post={post.data} /> : <NotFound />;
  }
  if (post.error?.status === 404) return <NotFound />;
  return post.error ? (
    <ErrorState error={post.error} onRetry={() => void post.refetch()} />
  ) : (
    <Loading />
  );
}

function Loading() {
  return (
    <div className="mx-auto w-full max-w-4xl px-4 py-10 sm:px-8">
      <Skeleton rows={6} />
    </div>
  );
}

function Editor({ me, post: found }: { me: User; post: Post | null }) {
  const t = useText(blogTexts);
  const navigate = useNavigate();
  const place = `${me.id}.${found?.id ?? "new"}`;
  // What is loaded anew meanwhile changes nothing under the hands of who writes.
  const [kept] = useState(() => findUnsaved(place));
  const [post, setPost] = useState(() => keptBase(found, kept));
  const [title, setTitle] = useState(kept?.title ?? post?.title ?? "");
  const [content, setContent] = useState(kept?.content ?? post?.content ?? "");
  const [restored, setRestored] = useState(kept !== null);
  const [tab, setTab] = useState<"write" | "preview">("write");
  const roomLeft = useRoomLeft();
  const save = useSavePost();
  const conflict = save.error?.status === CHANGED_MEANWHILE;
  const isPublished = post?.published_at != null;

  function edit(nextTitle: string, nextContent: string) {
    setTitle(nextTitle);
    setContent(nextContent);
    keepUnsaved(place, { title: nextTitle, content: nextContent, version: post?.version ?? null });
  }

  function discard() {
    forgetUnsaved(place);
    setPost(found);
    setTitle(found?.title ?? "");
    setContent(found?.content ?? "");
    setRestored(false);
  }

  function store(published: boolean, base: Post | null = post) {
    save.mutate(
      { post: base, writing: { title, content, published } },
      {
        onSuccess: (saved) => {
          forgetUnsaved(place);
          setPost(saved);
          setRestored(false);
          const wasPublished = base?.published_at != null;
          showToast(
            t(published === wasPublished ? "saved" : published ? "now_published" : "now_draft"),
          );
          void navigate(published ? `/blog/${saved.id}` : `/blog/${saved.id}/edit`, {
            replace: !published,
          });
        },
      },
    );
  }

  function publish({ currentTarget }: MouseEvent<HTMLButtonElement>) {
    if (currentTarget.form?.reportValidity()) store(true);
  }

  /** Over what was saved elsewhere. */
  async function overwrite() {
    if (post) store(isPublished, await loadPost(post.id).catch(() => post));
  }

  return (
    <Screen title={t(post ? "edit_post" : "new_post")}>
      <form
        className="grid grid-cols-[minmax(0,1fr)] gap-5"
        onSubmit={(event) => {
          event.preventDefault();
          store(isPublished); // the Enter key publishes nothing
        }}
      >
        {restored && (
          <div className="flex flex-wrap items-center gap-x-4 gap-y-1 rounded-xl bg-raised px-4 py-2">
            <p className="grow text-sm">{t("restored")}</p>
            <Button look="plain" onClick={discard}>
              {t("discard")}
            </Button>
          </div>
        )}
        <Field
          label={t("post_title")}
          value={title}
          onChange={(event) => edit(event.target.value, content)}
          maxLength={MAX_TITLE}
          required
          readOnly={save.isPending}
          hint={roomLeft(MAX_TITLE - title.length, NEAR_TITLE)}
          error={save.error?.fields.title}
        />
        <Tabs
          label={t("view")}
          value={tab}
          onChange={setTab}
          tabs={[
            {
              value: "write",
              label: t("write"),
              content: (
                <Content
                  value={content}
                  onChange={(next) => edit(title, next)}
                  readOnly={save.isPending}
                  error={save.error?.fields.content}
                />
              ),
            },
            { value: "preview", label: t("preview"), content: <Preview content={content} /> },
          ]}
        />
        {conflict ? (
          <Notice>
            <p>{t("changed_elsewhere")}</p>
            <div className="mt-3 flex flex-wrap gap-3">
              <Button look="quiet" pending={save.isPending} onClick={() => void overwrite()}>
                {t("overwrite")}
              </Button>
              <ButtonLink look="plain" to={`/blog/${post?.id}`} target="_blank">
                {t("read_theirs")}
              </ButtonLink>
            </div>
          </Notice>
        ) : (
          <FormError error={save.error} fields={["title", "content"]} />
        )}
        <div className="flex flex-wrap justify-end gap-3">
          <Button
            type={isPublished ? "button" : "submit"}
            look="quiet"
            disabled={save.isPending}
            onClick={isPublished ? () => store(false) : undefined}
          >
            {t(isPublished ? "withdraw" : "save_draft")}
          </Button>
          <Button
            type={isPublished ? "submit" : "button"}
            pending={save.isPending}
            onClick={isPublished ? undefined : publish}
          >
            {t(isPublished ? "save" : "publish")}
          </Button>
        </div>
      </form>
    </Screen>
  );
}

interface ContentProps {
  value: string;
  onChange: (value: string) => void;
  readOnly: boolean;
  error: string | undefined;
}

function Content({ value, onChange, readOnly, error }: ContentProps) {
  const t = useText(blogTexts);
  const roomLeft = useRoomLeft();
  return (
    <TextArea
      label={t("text")}
      hint={roomLeft(MAX_CONTENT - value.length, NEAR) ?? t("markdown_hint")}
      value={value}
      onChange={(event) => onChange(event.target.value)}
      maxLength={MAX_CONTENT}
      readOnly={readOnly}
      rows={18}
      spellCheck
      error={error}
    />
  );
}

/** Said only where it is little. */
function useRoomLeft() {
  const t = useText(blogTexts);
  return (count: number, near: number) => (count < near ? t("left", { count }) : undefined);
}

function Preview({ content }: { content: string }) {
  const t = useText(blogTexts);
  const preview = usePreview(useLate(content), content.trim() !== "");
  if (content.trim() === "") return <p className="py-10 text-center text-soft">{t("empty")}</p>;
  if (preview.data) {
    return (
      <div className="min-h-40 rounded-3xl border border-line bg-surface px-5 pb-6 sm:px-8">
        <Prose html={preview.data.html} />
      </div>
    );
  }
  if (preview.error) {
    return <ErrorState error={preview.error} onRetry={() => void preview.refetch()} />;
  }
  return <Skeleton />;
}
