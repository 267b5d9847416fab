import {
  Ellipsis,
  ShieldMinus,
  ShieldPlus,
  Trash2,
  UserRoundCheck,
  UserRoundX,
  Users,
} from "lucide-react";
import { useState } from "react";
import { useMe } from "@/api/queries";
import { Avatar } from "@/components/avatar";
import { Badge } from "@/components/badge";
import { ConfirmDialog } from "@/components/confirm-dialog";
import { EmptyState } from "@/components/empty-state";
import { Field, Select } from "@/components/field";
import { IconButton } from "@/components/icon-button";
import { InfiniteList } from "@/components/infinite-list";
import { Menu, MenuItem, MenuSeparator } from "@/components/menu";
import { useText } from "@/i18n/text";
import { useLate } from "@/lib/use-late";
import { administrationTexts } from "@/locales/administration";
import {
  type Account,
  type AccountFilter,
  useAccounts,
  useDeleteAccount,
  useEditAccount,
} from "./queries";

const SHOWN = {
  all: {},
  active: { active: true },
  inactive: { active: false },
  admin: { admin: true },
} as const satisfies Record<string, AccountFilter>;
type Shown = keyof typeof SHOWN;
const CHOICES = Object.keys(SHOWN) as Shown[];

export function Accounts() {
  const t = useText(administrationTexts);
  const [search, setSearch] = useState("");
  const [shown, setShown] = useState<Shown>("all");
  const wanted = useLate(search.trim());
  return (
    <>
      <div className="mb-6 grid gap-4 sm:grid-cols-[2fr_1fr]">
        <Field
          label={t("search")}
          type="search"
          value={search}
          onChange={(event) => setSearch(event.target.value)}
          autoComplete="off"
        />
        <Select
          label={t("show")}
          value={shown}
          options={CHOICES.map((value) => ({ value, label: t(`show_${value}`) }))}
          onChoose={setShown}
        />
      </div>
      <InfiniteList
        label={t("accounts")}
        pages={useAccounts({ ...SHOWN[shown], ...(wanted && { search: wanted }) })}
        keyOf={({ id }) => id}
        empty={<EmptyState icon={Users} title={t("nobody")} />}
        className="-mx-3 grid grid-cols-[minmax(0,1fr)] gap-1"
      >
        {(account) => <AccountRow account={account} />}
      </InfiniteList>
    </>
  );
}

function AccountRow({ account }: { account: Account }) {
  const t = useText(administrationTexts);
  const me = useMe();
  const { id, name, email, avatar, is_admin, is_active } = account;
  return (
    <div className="flex min-h-16 items-center gap-3 rounded-2xl py-2 pl-3 pr-1 transition-colors hover:bg-raised/60 sm:gap-4">
      <Avatar name={name} picture={avatar} className="size-11" />
      <div className="min-w-0 grow">
        <p className="flex flex-wrap items-center gap-x-2 gap-y-1">
          <span className="min-w-0 truncate font-medium">{name}</span>
          {is_admin && <Badge>{t("administrator")}</Badge>}
          {!is_active && <Badge look="alarm">{t("deactivated")}</Badge>}
        </p>
        <p className="truncate text-sm text-soft">{email}</p>
      </div>
      {id === me?.id ? (
        <span className="px-3 text-sm text-soft">{t("you")}</span>
      ) : (
        <Choices account={account} />
      )}
    </div>
  );
}

type Deed = "deactivate" | "reactivate" | "promote" | "demote" | "delete";
const CHANGES = {
  deactivate: { is_active: false },
  reactivate: { is_active: true },
  promote: { is_admin: true },
  demote: { is_admin: false },
} as const;

/** What can be done with somebody else's account; each is asked for once more. */
function Choices({ account }: { account: Account }) {
  const t = useText(administrationTexts);
  const { name, is_active, is_admin } = account;
  const [asking, setAsking] = useState(false);
  const [deed, setDeed] = useState<Deed>("deactivate");
  const edit = useEditAccount(account);
  const remove = useDeleteAccount(account);
  function ask(chosen: Deed) {
    setDeed(chosen);
    setAsking(true);
  }
  return (
    <>
      <Menu trigger={<IconButton label={t("what_to_do", { name })} icon={Ellipsis} />}>
        {is_active ? (
          <MenuItem icon={UserRoundX} onChoose={() => ask("deactivate")}>
            {t("deactivate")}
          </MenuItem>
        ) : (
          <MenuItem icon={UserRoundCheck} onChoose={() => ask("reactivate")}>
            {t("reactivate")}
          </MenuItem>
        )}
        {is_admin ? (
          <MenuItem icon={ShieldMinus} onChoose={() => ask("demote")}>
            {t("demote")}
          </MenuItem>
        ) : (
          <MenuItem icon={ShieldPlus} onChoose={() => ask("promote")}>
            {t("promote")}
          </MenuItem>
        )}
        <MenuSeparator />
        <MenuItem icon={Trash2} danger onChoose={() => ask("delete")}>
          {t("delete")}
        </MenuItem>
      </Menu>
      <ConfirmDialog
        open={asking}
        onOpenChange={setAsking}
        title={t(`${deed}_ask`, { name })}
        action={t(deed)}
        danger={deed === "deactivate" || deed === "delete"}
        onConfirm={() =>
          deed === "delete" ? remove.mutateAsync() : edit.mutateAsync(CHANGES[deed])
        }
      >
        {t(`${deed}_about`, { name })}
      </ConfirmDialog>
    </>
  );
}
