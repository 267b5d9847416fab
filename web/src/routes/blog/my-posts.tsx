import { FileText, PenLine } from "lucide-react";
import { useSearchParams } from "react-router";
import { ButtonLink } from "@/components/button";
import { EmptyState } from "@/components/empty-state";
import { InfiniteList } from "@/components/infinite-list";
import { Screen } from "@/components/screen";
import { Tabs } from "@/components/tabs";
import { useText } from "@/i18n/text";
import { blogTexts } from "@/locales/blog";
import { PostEntry } from "./post-entry";
import { useMyPosts } from "./queries";

type Tab = "drafts" | "published";

export function MyPosts() {
  const t = useText(blogTexts);
  const [address, setAddress] = useSearchParams();
  const tab: Tab = address.get("tab") === "published" ? "published" : "drafts";
  return (
    <Screen
      title={t("mine")}
      actions={
        <ButtonLink to="/blog/new">
          <PenLine className="size-4.5" aria-hidden="true" />
          {t("write")}
        </ButtonLink>
      }
    >
      <Tabs<Tab>
        label={t("mine")}
        value={tab}
        onChange={(next) => setAddress({ tab: next }, { replace: true })}
        tabs={[
          { value: "drafts", label: t("drafts"), content: <List published={false} /> },
          { value: "published", label: t("published"), content: <List published /> },
        ]}
      />
    </Screen>
  );
}

function List({ published }: { published: boolean }) {
  const t = useText(blogTexts);
  return (
    <InfiniteList
      label={t(published ? "published" : "drafts")}
      pages={useMyPosts(published)}
      keyOf={({ id }) => id}
      empty={
        <EmptyState icon={FileText} title={t(published ? "none_published" : "no_drafts")}>
          {t(published ? "none_published_hint" : "no_drafts_hint")}
        </EmptyState>
      }
      className="grid grid-cols-[minmax(0,1fr)] gap-3"
    >
      {(post) => <PostEntry post={post} to={`/blog/${post.id}${published ? "" : "/edit"}`} />}
    </InfiniteList>
  );
}
