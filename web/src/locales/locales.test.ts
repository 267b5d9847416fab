import { expect, test } from "vitest";

const FILES = import.meta.glob<Record<string, string>>("./*/*.json", {
  eager: true,
  import: "default",
});
const AREAS = Object.keys(FILES)
  .filter((path) => path.startsWith("./en/"))
  .map((path) => path.slice("./en/".length));

const FORM = /_(zero|one|two|few|many|other)$/;

function messages(language: string, area: string): Record<string, string> {
  return FILES[`./${language}/${area}`] ?? {};
}

function values(text: string): string[] {
  return [...text.matchAll(/\{\{(\w+)\}\}/g)].map(([, name]) => name ?? "").sort();
}

test("every area has a file in each language", () => {
  expect(Object.keys(FILES).sort()).toEqual(
    ["de", "en"].flatMap((language) => AREAS.map((area) => `./${language}/${area}`)).sort(),
  );
});

test.each(AREAS)("%s says the same in both languages", (area) => {
  const [en, de] = [messages("en", area), messages("de", area)];
  expect(Object.keys(de).sort()).toEqual(Object.keys(en).sort());
  for (const [key, text] of Object.entries(en)) {
    expect(text.trim(), key).not.toBe("");
    expect(de[key]?.trim(), key).not.toBe("");
    expect(values(de[key] ?? ""), key).toEqual(values(text));
  }
});

test.each(AREAS)("%s has each plural in all forms that these languages know", (area) => {
  const keys = Object.keys(messages("en", area));
  const plurals = new Set(keys.filter((key) => FORM.test(key)).map((key) => key.replace(FORM, "")));
  for (const key of plurals) {
    const forms = new Intl.PluralRules("en").resolvedOptions().pluralCategories;
    expect(keys).toEqual(expect.arrayContaining(forms.map((form) => `${key}_${form}`)));
  }
});

const SOURCES = Object.values(
  import.meta.glob<string>("../**/*.{ts,tsx}", { eager: true, query: "?raw", import: "default" }),
).join("\n");

/** Keys made of parts: `theme_${value}`. */
const MADE = [...SOURCES.matchAll(/`(\w*)\$\{[\w.]+\}(\w*)`/g)]
  .filter(([, before, after]) => before || after)
  .map(([, before, after]) => new RegExp(`^${before}\\w+${after}$`));

test.each(AREAS)("%s has no text that nobody says", (area) => {
  const keys = Object.keys(messages("en", area)).map((key) => key.replace(FORM, ""));
  const unused = keys.filter(
    (key) => !SOURCES.includes(`"${key}"`) && !MADE.some((pattern) => pattern.test(key)),
  );
  expect(unused).toEqual([]);
});
