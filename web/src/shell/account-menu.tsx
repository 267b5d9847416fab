import { LogOut, Settings, ShieldCheck, UserPen } from "lucide-react";
import { useMe } from "@/api/queries";
import { Menu, MenuLabel, MenuLink, MenuSeparator } from "@/components/menu";
import { useText } from "@/i18n/text";
import { shellTexts } from "@/locales/shell";
import { AccountFace } from "./account-button";

/** Open from the beginning: it is loaded when it is asked for. */
export default function AccountMenu() {
  const t = useText(shellTexts);
  const me = useMe();
  return (
    <Menu trigger={<AccountFace />} side="top" defaultOpen>
      {me && (
        <MenuLabel>
          <span className="block truncate font-semibold text-ink">{me.name}</span>
          <span className="block truncate">{me.email}</span>
        </MenuLabel>
      )}
      <MenuSeparator />
      <MenuLink icon={UserPen} to="/people/me">
        {t("profile")}
      </MenuLink>
      <MenuLink icon={Settings} to="/settings">
        {t("settings")}
      </MenuLink>
      {me?.is_admin && (
        <MenuLink icon={ShieldCheck} to="/administration">
          {t("administration")}
        </MenuLink>
      )}
      <MenuSeparator />
      <MenuLink icon={LogOut} to="/signout">
        {t("sign_out")}
      </MenuLink>
    </Menu>
  );
}
