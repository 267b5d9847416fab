import { Newspaper } from "lucide-react";
import { EmptyState } from "@/components/empty-state";
import { InfiniteList } from "@/components/infinite-list";
import { Screen } from "@/components/screen";
import { Time } from "@/components/time";
import { useText } from "@/i18n/text";
import { blogTexts } from "@/locales/blog";
import { type ListedPost, usePosts } from "./queries";

export default function Blog() {
  const t = useText(blogTexts);
  return (
    <Screen title={t("title")}>
      <InfiniteList
        label={t("list")}
        pages={usePosts()}
        keyOf={({ id }) => id}
        empty={
          <EmptyState icon={Newspaper} title={t("nothing")}>
            {t("nothing_hint")}
          </EmptyState>
        }
        className="grid gap-8"
      >
        {(post) => <PostEntry post={post} />}
      </InfiniteList>
    </Screen>
  );
}

function PostEntry({ post: { title, author, published_at, excerpt } }: { post: ListedPost }) {
  const t = useText(blogTexts);
  return (
    <article>
      <h2 className="text-2xl font-semibold">{title}</h2>
      <p className="mt-1 text-sm text-soft">
        {t("by", { name: author.name })}
        {published_at && (
          <>
            {" · "}
            <Time value={published_at} style="date" />
          </>
        )}
      </p>
      <p className="mt-3">{excerpt}</p>
    </article>
  );
}
