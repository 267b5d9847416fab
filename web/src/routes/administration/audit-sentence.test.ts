// @vitest-environment happy-dom
import { expect, test } from "vitest";
import { languageChoice } from "@/i18n/language";
import { textOf } from "@/i18n/text";
import { administrationTexts } from "@/locales/administration";
import { sentence } from "./audit-sentence";
import type { AuditEntry } from "./queries";

const [ADA, BEN] = [
  { id: 1, name: "Ada" },
  { id: 2, name: "Ben" },
];

function entry(action: string, more: Partial<AuditEntry> = {}): AuditEntry {
  const made = { id: 1, at: "2026-11-23T12:00:00Z", actor: ADA, subject: BEN, details: {} };
  return { ...made, action, ...more };
}

test.each([
  [entry("user.deactivate"), "Ada deactivated Ben"],
  [entry("user.promote", { actor: null }), "The command line made Ben an administrator"],
  [
    entry("user.rename", { details: { before: "Ben", after: "Benjamin" } }),
    "Ada renamed Ben to Benjamin",
  ],
  [entry("user.rename"), "Ada renamed Ben to …"],
  [entry("user.delete", { details: { before: { is_active: true } } }), "Ada deleted an account"],
  [entry("invitation.create", { subject: null }), "Ada made an invitation"],
  [entry("post.delete", { details: { title: "Tea" } }), "Ada deleted the post “Tea” by Ben"],
  [entry("meeting.rest"), "Ada: meeting.rest, Ben"],
])("%j is said", (told, said) => {
  languageChoice.set("en");
  expect(sentence(told, textOf(administrationTexts))).toBe(said);
});
