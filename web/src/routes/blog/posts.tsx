import { Newspaper, PenLine, SearchX, X } from "lucide-react";
import { Link, useSearchParams } from "react-router";
import { accountToken } from "@/api/account";
import { ButtonLink } from "@/components/button";
import { EmptyState } from "@/components/empty-state";
import { Field } from "@/components/field";
import { InfiniteList } from "@/components/infinite-list";
import { Screen } from "@/components/screen";
import { useText } from "@/i18n/text";
import { useSearch } from "@/lib/use-search";
import { blogTexts } from "@/locales/blog";
import { useObservable } from "@/store/use-observable";
import { PostEntry } from "./post-entry";
import { usePosts } from "./queries";

/** What is published. What is searched for is in the address. */
export function Posts() {
  const t = useText(blogTexts);
  const signedIn = useObservable(accountToken) !== null;
  const { text, change, wanted } = useSearch();
  const [address] = useSearchParams();
  const author = Number(address.get("author")) || null;
  const pages = usePosts({ ...(author && { author }), ...(wanted && { search: wanted }) });
  const name = author !== null && pages.data?.[0]?.author.name;
  return (
    <Screen
      title={t("title")}
      actions={
        signedIn && (
          <>
            <ButtonLink to="/blog/mine" look="quiet">
              {t("mine")}
            </ButtonLink>
            <ButtonLink to="/blog/new">
              <PenLine className="size-4.5" aria-hidden="true" />
              {t("write")}
            </ButtonLink>
          </>
        )
      }
    >
      <Field
        label={t("search")}
        type="search"
        value={text}
        onChange={(event) => change(event.target.value)}
        maxLength={100}
        autoComplete="off"
        className="mb-8 max-w-md"
      />
      {author !== null && (
        <p className="mb-6 flex flex-wrap items-center gap-2 text-soft">
          {name ? t("only_by", { name }) : t("by_somebody")}
          <Link
            to={wanted ? `/blog?search=${encodeURIComponent(wanted)}` : "/blog"}
            className="inline-flex min-h-9 items-center gap-1.5 rounded-lg bg-raised px-3 text-sm font-semibold hover:bg-line"
          >
            <X className="size-4" aria-hidden="true" />
            {t("all")}
          </Link>
        </p>
      )}
      <InfiniteList
        label={t("list")}
        pages={pages}
        keyOf={({ id }) => id}
        empty={<Nothing searched={wanted !== ""} signedIn={signedIn} />}
        className="grid grid-cols-[minmax(0,1fr)] gap-3"
      >
        {(post) => <PostEntry post={post} to={`/blog/${post.id}`} />}
      </InfiniteList>
    </Screen>
  );
}

function Nothing({ searched, signedIn }: { searched: boolean; signedIn: boolean }) {
  const t = useText(blogTexts);
  if (searched) {
    return (
      <EmptyState icon={SearchX} title={t("no_match")}>
        {t("no_match_hint")}
      </EmptyState>
    );
  }
  return (
    <EmptyState
      icon={Newspaper}
      title={t("nothing")}
      action={signedIn && <ButtonLink to="/blog/new">{t("write")}</ButtonLink>}
    >
      {t("nothing_hint")}
    </EmptyState>
  );
}
