import { ScrollText } from "lucide-react";
import { useState } from "react";
import { EmptyState } from "@/components/empty-state";
import { Select } from "@/components/field";
import { InfiniteList } from "@/components/infinite-list";
import { Time } from "@/components/time";
import { useText } from "@/i18n/text";
import { administrationTexts } from "@/locales/administration";
import { ACTIONS, nameOf, sentence } from "./audit-sentence";
import { type AuditEntry, useAudit } from "./queries";

/** What administrators did, the newest first. */
export function Audit() {
  const t = useText(administrationTexts);
  const [action, setAction] = useState("");
  return (
    <>
      <Select
        label={t("filter")}
        value={action}
        options={[
          { value: "", label: t("filter_all") },
          ...ACTIONS.map((value) => {
            const name = nameOf(value);
            return { value, label: t(`kind_${name}`) };
          }),
        ]}
        onChoose={setAction}
        className="mb-6 max-w-xs"
      />
      <InfiniteList
        label={t("audit")}
        pages={useAudit(action)}
        keyOf={({ id }) => id}
        empty={
          <EmptyState icon={ScrollText} title={t("no_audit")}>
            {t("no_audit_hint")}
          </EmptyState>
        }
        className="grid grid-cols-[minmax(0,1fr)] divide-y divide-line"
      >
        {(entry) => <Entry entry={entry} />}
      </InfiniteList>
    </>
  );
}

function Entry({ entry }: { entry: AuditEntry }) {
  const t = useText(administrationTexts);
  return (
    <p className="flex min-h-14 flex-wrap items-baseline justify-between gap-x-6 gap-y-1 py-3">
      <span className="min-w-0 break-words">{sentence(entry, t)}</span>
      <Time value={entry.at} style="relative" className="text-sm text-soft" />
    </p>
  );
}
