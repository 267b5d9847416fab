import { Users } from "lucide-react";
import { useState } from "react";
import { Avatar } from "@/components/avatar";
import { Badge } from "@/components/badge";
import { EmptyState } from "@/components/empty-state";
import { Field } from "@/components/field";
import { InfiniteList } from "@/components/infinite-list";
import { Screen } from "@/components/screen";
import { useText } from "@/i18n/text";
import { useLate } from "@/lib/use-late";
import { administrationTexts } from "@/locales/administration";
import { type Account, useAccounts } from "./queries";

export default function Administration() {
  const t = useText(administrationTexts);
  const [search, setSearch] = useState("");
  return (
    <Screen title={t("title")}>
      <Field
        label={t("search")}
        type="search"
        value={search}
        onChange={(event) => setSearch(event.target.value)}
        autoComplete="off"
        className="mb-6"
      />
      <InfiniteList
        label={t("accounts")}
        pages={useAccounts(useLate(search.trim()))}
        keyOf={({ id }) => id}
        empty={<EmptyState icon={Users} title={t("nobody")} />}
        className="grid gap-1"
      >
        {(account) => <AccountRow account={account} />}
      </InfiniteList>
    </Screen>
  );
}

function AccountRow({ account }: { account: Account }) {
  const t = useText(administrationTexts);
  const { name, email, avatar, is_admin, is_active } = account;
  return (
    <div className="flex min-h-16 items-center gap-4 rounded-2xl px-3 py-2">
      <Avatar name={name} picture={avatar} className="size-11" />
      <div className="min-w-0 grow">
        <p className="truncate font-medium">{name}</p>
        <p className="truncate text-sm text-soft">{email}</p>
      </div>
      {is_admin && <Badge>{t("administrator")}</Badge>}
      {!is_active && <Badge look="alarm">{t("deactivated")}</Badge>}
    </div>
  );
}
