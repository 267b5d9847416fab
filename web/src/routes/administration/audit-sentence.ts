import type { AdministrationText } from "@/locales/administration";
import type { AuditEntry } from "./queries";

/** What the server tells of: `user.deactivate` is said by `done_user_deactivate`. */
export const ACTIONS = [
  "user.deactivate",
  "user.reactivate",
  "user.promote",
  "user.demote",
  "user.rename",
  "user.delete",
  "user.reset_password",
  "invitation.create",
  "invitation.revoke",
  "post.delete",
] as const;

type Action = (typeof ACTIONS)[number];
type Name<A extends string> = A extends `${infer Kind}.${infer Verb}` ? `${Kind}_${Verb}` : never;

export function nameOf<A extends Action>(action: A): Name<A> {
  return action.replace(".", "_") as Name<A>;
}

/** "Ada deactivated Ben": one entry of the audit trail in words. */
export function sentence({ actor, action, subject, details }: AuditEntry, t: AdministrationText) {
  const known = ACTIONS.find((one) => one === action);
  const words = {
    actor: actor?.name ?? t("command_line"),
    subject: subject?.name ?? t("somebody"),
    action,
    before: text(details.before) ?? subject?.name ?? t("somebody"),
    after: text(details.after) ?? "…",
    title: text(details.title) ?? "…",
  };
  const name = known && nameOf(known);
  const said = name ? t(`done_${name}`, words) : t("done_something", words);
  return said.charAt(0).toUpperCase() + said.slice(1);
}

/** Details are empty where the account has been deleted since. */
function text(detail: unknown): string | undefined {
  return typeof detail === "string" && detail ? detail : undefined;
}
