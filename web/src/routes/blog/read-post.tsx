import { ArrowLeft, PenLine, Trash2 } from "lucide-react";
import { useState } from "react";
import { Link, useNavigate, useParams } from "react-router";
import { useMe } from "@/api/queries";
import { Avatar } from "@/components/avatar";
import { Badge } from "@/components/badge";
import { Button, ButtonLink } from "@/components/button";
import { ConfirmDialog } from "@/components/confirm-dialog";
import { ErrorState } from "@/components/error-state";
import { Heading } from "@/components/heading";
import { Skeleton } from "@/components/skeleton";
import { Time } from "@/components/time";
import { showToast } from "@/components/toasts";
import { usePageTitle } from "@/components/use-page-title";
import { useText } from "@/i18n/text";
import { blogTexts } from "@/locales/blog";
import { NotFound } from "@/routes/not-found";
import { Prose } from "./prose";
import { type Post, useDeletePost, usePost } from "./queries";

export function ReadPost() {
  const { id = "" } = useParams();
  return /^[1-9]\d{0,14}$/.test(id) ? <Found id={Number(id)} /> : <NotFound />;
}

function Found({ id }: { id: number }) {
  const post = usePost(id);
  if (post.data) return <Shown post={post.data} />;
  if (post.error?.status === 404) return <NotFound />;
  return (
    <div className="mx-auto w-full max-w-3xl px-4 py-8 sm:px-8">
      {post.error ? (
        <ErrorState error={post.error} onRetry={() => void post.refetch()} />
      ) : (
        <Skeleton rows={6} />
      )}
    </div>
  );
}

function Shown({ post }: { post: Post }) {
  const t = useText(blogTexts);
  const { title, author, published_at, updated_at, html } = post;
  usePageTitle(title);
  return (
    <article className="mx-auto w-full max-w-3xl px-4 py-6 sm:px-8 sm:py-10">
      <Link
        to="/blog"
        className="-ml-2 inline-flex min-h-11 items-center gap-2 rounded-xl px-2 text-soft hover:text-ink"
      >
        <ArrowLeft className="size-4.5" aria-hidden="true" />
        {t("title")}
      </Link>
      <Heading className="mt-2 text-3xl wrap-anywhere sm:text-5xl sm:leading-tight">
        {title}
      </Heading>
      <div className="mt-5 flex flex-wrap items-center gap-3 border-b border-line pb-6">
        <Avatar name={author.name} picture={author.avatar} className="size-10" />
        <p className="grow leading-snug">
          <Link to={`/blog?author=${author.id}`} className="font-semibold hover:underline">
            {author.name}
          </Link>
          <span className="flex items-center gap-2 text-sm text-soft">
            <Time value={published_at ?? updated_at} style="date" />
            {!published_at && <Badge>{t("draft")}</Badge>}
          </span>
        </p>
        <Actions post={post} />
      </div>
      <Prose html={html} />
    </article>
  );
}

/** Its author edits and deletes it; administrators delete what others have published. */
function Actions({ post: { id, author } }: { post: Post }) {
  const t = useText(blogTexts);
  const me = useMe();
  const navigate = useNavigate();
  const remove = useDeletePost();
  const [asking, setAsking] = useState(false);
  const own = me?.id === author.id;
  if (!own && !me?.is_admin) return null;
  async function confirm() {
    await remove.mutateAsync(id);
    showToast(t("deleted"));
    await navigate(own ? "/blog/mine" : "/blog");
  }
  return (
    <div className="flex flex-wrap gap-2">
      {own && (
        <ButtonLink to={`/blog/${id}/edit`} look="quiet">
          <PenLine className="size-4.5" aria-hidden="true" />
          {t("edit")}
        </ButtonLink>
      )}
      <Button look="quiet" onClick={() => setAsking(true)}>
        <Trash2 className="size-4.5" aria-hidden="true" />
        {t("delete")}
      </Button>
      <ConfirmDialog
        open={asking}
        onOpenChange={setAsking}
        title={t("delete_it")}
        action={t("delete")}
        onConfirm={confirm}
      >
        {t(own ? "gone_for_good" : "gone_for_author")}
      </ConfirmDialog>
    </div>
  );
}
