import { Link } from "react-router";
import { Avatar } from "@/components/avatar";
import { Badge } from "@/components/badge";
import { Time } from "@/components/time";
import { useText } from "@/i18n/text";
import { blogTexts } from "@/locales/blog";
import type { ListedPost } from "./queries";

/** A post in a list: all of it leads there. */
export function PostEntry({ post, to }: { post: ListedPost; to: string }) {
  const t = useText(blogTexts);
  const { title, author, published_at, updated_at, excerpt } = post;
  return (
    <article className="relative -mx-3 rounded-2xl p-3 transition-colors hover:bg-raised sm:-mx-5 sm:p-5">
      <h2 className="text-xl font-semibold wrap-anywhere sm:text-2xl">
        <Link to={to} className="after:absolute after:inset-0 after:rounded-2xl">
          {title}
        </Link>
      </h2>
      <p className="mt-2 flex flex-wrap items-center gap-x-2.5 gap-y-1 text-sm text-soft">
        <Avatar name={author.name} picture={author.avatar} className="size-6 text-xs" />
        {author.name}
        <span aria-hidden="true">·</span>
        <Time value={published_at ?? updated_at} style="date" />
        {!published_at && <Badge>{t("draft")}</Badge>}
      </p>
      {excerpt && <p className="mt-3 line-clamp-3 wrap-anywhere">{excerpt}</p>}
    </article>
  );
}
