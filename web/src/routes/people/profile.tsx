import { FileText, MessageCircle, UserPen } from "lucide-react";
import { useParams } from "react-router";
import { useMe } from "@/api/queries";
import { Avatar } from "@/components/avatar";
import { Badge } from "@/components/badge";
import { ButtonLink } from "@/components/button";
import { EmptyState } from "@/components/empty-state";
import { ErrorState } from "@/components/error-state";
import { Heading } from "@/components/heading";
import { InfiniteList } from "@/components/infinite-list";
import { Skeleton } from "@/components/skeleton";
import { usePageTitle } from "@/components/use-page-title";
import { useText } from "@/i18n/text";
import { useOnline } from "@/live/use-live";
import { peopleTexts } from "@/locales/people";
import { PostEntry } from "@/routes/blog/post-entry";
import { usePosts } from "@/routes/blog/queries";
import { NotFound } from "@/routes/not-found";
import { type Person, usePerson } from "./queries";

export function Profile() {
  const { id = "" } = useParams();
  return /^[1-9]\d{0,14}$/.test(id) ? <Found key={id} id={Number(id)} /> : <NotFound />;
}

function Found({ id }: { id: number }) {
  const person = usePerson(id);
  if (person.data) return <Shown person={person.data} />;
  if (person.error?.status === 404) return <NotFound />;
  return (
    <div className="mx-auto w-full max-w-4xl px-4 py-6 sm:px-8 sm:py-10">
      {person.error ? (
        <ErrorState error={person.error} onRetry={() => void person.refetch()} />
      ) : (
        <Skeleton />
      )}
    </div>
  );
}

function Shown({ person: { id, name, avatar } }: { person: Person }) {
  const t = useText(peopleTexts);
  const online = useOnline([id]).has(id);
  usePageTitle(name);
  return (
    <div className="mx-auto w-full max-w-4xl px-4 py-6 sm:px-8 sm:py-10">
      <header className="flex flex-wrap items-center gap-x-6 gap-y-5 border-b border-line pb-8">
        <Avatar name={name} picture={avatar} className="size-24 text-4xl sm:size-32 sm:text-5xl" />
        <div className="flex min-w-40 grow basis-40 flex-wrap items-center gap-x-4 gap-y-2">
          <Heading className="text-3xl wrap-anywhere sm:text-4xl">{name}</Heading>
          {online && <Badge>{t("online")}</Badge>}
        </div>
        <Doings id={id} />
      </header>
      <section className="mt-8">
        <h2 className="mb-4 text-2xl font-semibold">{t("posts")}</h2>
        <Posts author={id} />
      </section>
    </div>
  );
}

function Doings({ id }: { id: number }) {
  const t = useText(peopleTexts);
  const me = useMe();
  if (!me) return null;
  if (me.id === id) {
    return (
      <ButtonLink to="/people/me" look="quiet">
        <UserPen className="size-4.5" aria-hidden="true" />
        {t("edit")}
      </ButtonLink>
    );
  }
  return (
    <ButtonLink to={`/chat/with/${id}`}>
      <MessageCircle className="size-4.5" aria-hidden="true" />
      {t("write")}
    </ButtonLink>
  );
}

function Posts({ author }: { author: number }) {
  const t = useText(peopleTexts);
  return (
    <InfiniteList
      label={t("posts")}
      pages={usePosts({ author })}
      keyOf={({ id }) => id}
      empty={<EmptyState icon={FileText} title={t("no_posts")} />}
      className="grid grid-cols-[minmax(0,1fr)] gap-3"
    >
      {(post) => <PostEntry post={post} to={`/blog/${post.id}`} />}
    </InfiniteList>
  );
}
