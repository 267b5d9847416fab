import { Users } from "lucide-react";
import { Link } from "react-router";
import { Avatar } from "@/components/avatar";
import { Badge } from "@/components/badge";
import { EmptyState } from "@/components/empty-state";
import { Field } from "@/components/field";
import { InfiniteList } from "@/components/infinite-list";
import { Screen } from "@/components/screen";
import { useText } from "@/i18n/text";
import { useSearch } from "@/lib/use-search";
import { useOnline } from "@/live/use-live";
import { peopleTexts } from "@/locales/people";
import { type Person, usePeople } from "./queries";

const MAX_SEARCH = 100;

export function PeopleList() {
  const t = useText(peopleTexts);
  const { text, change, wanted } = useSearch();
  const pages = usePeople(wanted);
  const online = useOnline(pages.data?.map(({ id }) => id) ?? []);
  return (
    <Screen title={t("title")}>
      <Field
        label={t("search")}
        type="search"
        value={text}
        onChange={(event) => change(event.target.value)}
        maxLength={MAX_SEARCH}
        autoComplete="off"
        className="mb-6"
      />
      <InfiniteList
        label={t("list")}
        pages={pages}
        keyOf={(person) => person.id}
        empty={<Nobody searched={wanted !== ""} />}
        className="grid grid-cols-[minmax(0,1fr)] gap-1"
      >
        {(person) => <PersonRow person={person} online={online.has(person.id)} />}
      </InfiniteList>
    </Screen>
  );
}

interface RowProps {
  person: Person;
  /** Those with whom one shares no conversation never are. */
  online: boolean;
}

function PersonRow({ person: { id, name, avatar }, online }: RowProps) {
  const t = useText(peopleTexts);
  return (
    <Link
      to={`/people/${id}`}
      className="-mx-3 flex min-h-16 items-center gap-4 rounded-2xl px-3 py-2 transition-colors hover:bg-raised"
    >
      <Avatar name={name} picture={avatar} className="size-11" />
      <span className="min-w-0 grow truncate font-medium">{name}</span>
      {online && <Badge>{t("online")}</Badge>}
    </Link>
  );
}

function Nobody({ searched }: { searched: boolean }) {
  const t = useText(peopleTexts);
  return (
    <EmptyState icon={Users} title={t(searched ? "no_match" : "nobody")}>
      {t(searched ? "no_match_hint" : "nobody_hint")}
    </EmptyState>
  );
}
