import { Check, X } from "lucide-react";
import { useState } from "react";
import { Avatar } from "@/components/avatar";
import { Field } from "@/components/field";
import { Skeleton } from "@/components/skeleton";
import { useText } from "@/i18n/text";
import { useLate } from "@/lib/use-late";
import { chatTexts } from "@/locales/chat";
import { type Person, usePeople } from "@/routes/people/queries";

interface Props {
  chosen: readonly Person[];
  onChange: (chosen: Person[]) => void;
  /** They are in it already. */
  without?: ReadonlySet<number>;
}

/** Finds people by name; those that are chosen stay in sight. */
export function PeoplePicker({ chosen, onChange, without }: Props) {
  const t = useText(chatTexts);
  const [search, setSearch] = useState("");
  const pages = usePeople(useLate(search.trim()));
  const found = pages.data?.filter(({ id }) => !without?.has(id));
  const isChosen = (person: Person) => chosen.some(({ id }) => id === person.id);
  function toggle(person: Person) {
    onChange(isChosen(person) ? chosen.filter(({ id }) => id !== person.id) : [...chosen, person]);
  }
  return (
    <div className="grid grid-cols-[minmax(0,1fr)] gap-3">
      {chosen.length > 0 && (
        <ul aria-label={t("chosen")} className="flex flex-wrap gap-2">
          {chosen.map((person) => (
            <li key={person.id}>
              <button
                type="button"
                onClick={() => toggle(person)}
                className="inline-flex min-h-9 max-w-full items-center gap-2 rounded-full bg-raised py-1 pr-3 pl-1 text-sm font-medium hover:bg-line"
              >
                <Avatar name={person.name} picture={person.avatar} className="size-7 text-xs" />
                <span className="truncate">{person.name}</span>
                <X className="size-4 shrink-0 text-soft" aria-hidden="true" />
                <span className="sr-only">{t("take_out")}</span>
              </button>
            </li>
          ))}
        </ul>
      )}
      <Field
        label={t("search_people")}
        type="search"
        value={search}
        onChange={(event) => setSearch(event.target.value)}
        autoComplete="off"
      />
      <div className="h-64 overflow-y-auto" aria-busy={pages.isPending}>
        {!found && <Skeleton rows={3} />}
        {found?.length === 0 && <p className="py-6 text-center text-soft">{t("nobody_found")}</p>}
        <ul aria-label={t("people")} className="grid grid-cols-[minmax(0,1fr)]">
          {found?.map((person) => (
            <li key={person.id}>
              <button
                type="button"
                aria-pressed={isChosen(person)}
                onClick={() => toggle(person)}
                className="flex min-h-13 w-full items-center gap-3 rounded-xl px-2 text-left transition-colors -outline-offset-2 hover:bg-raised"
              >
                <Avatar name={person.name} picture={person.avatar} className="size-9 text-sm" />
                <span className="min-w-0 grow truncate font-medium">{person.name}</span>
                {isChosen(person) && <Check className="size-5 text-brand" aria-hidden="true" />}
              </button>
            </li>
          ))}
        </ul>
      </div>
    </div>
  );
}
