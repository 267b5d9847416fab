/**
 * Texts in the language of the page. The files in `src/locales` are i18next's JSON (v4), which
 * tools of translators know: `{{name}}` is a value, and `key_one` … `key_other` are the plural forms
 * of `key` by `count`. Both languages of an area are in one chunk, so switching needs no loading.
 */
import { useCallback } from "react";
import { useObservable } from "@/store/use-observable";
import { formatNumber } from "./format";
import { type Language, language } from "./language";

type Messages = Readonly<Record<string, string>>;
type Form = Intl.LDMLPluralRule;
/** A key as it is asked for, without a plural form. */
type Key<M> = keyof M extends infer K ? (K extends `${infer Base}_${Form}` ? Base : K) : never;
type Values = Readonly<Record<string, string | number>>;

/** The messages of one area of the page. */
export type Catalogue<M extends Messages = Messages> = Readonly<Record<Language, M>>;

type Text<M extends Messages> = (key: Key<M> & string, values?: Values) => string;

/** What `useText` gives for these texts. */
export type TextOf<C> = C extends Catalogue<infer M> ? Text<M> : never;

/** Both languages have the same keys: what the second lacks is a type error. */
export function catalogue<M extends Messages>(texts: {
  en: M;
  de: { readonly [K in keyof M]: string };
}): Catalogue<M> {
  return texts as Catalogue<M>;
}

/** For components: the function changes with the language. */
export function useText<M extends Messages>(texts: Catalogue<M>): Text<M> {
  const now = useObservable(language);
  return useCallback((key, values) => translate(texts, now, key, values), [texts, now]);
}

/** For what happens outside of components. */
export function textOf<M extends Messages>(texts: Catalogue<M>): Text<M> {
  return (key, values) => translate(texts, language.get(), key, values);
}

function translate(texts: Catalogue, into: Language, key: string, values: Values = {}): string {
  const messages = texts[into];
  const { count } = values;
  const form = typeof count === "number" ? `${key}_${plural(count, into)}` : key;
  const message = messages[form] ?? messages[`${key}_other`] ?? messages[key] ?? key;
  return message.replace(/\{\{(\w+)\}\}/g, (whole, name) => shown(values[name], into) ?? whole);
}

function shown(value: string | number | undefined, into: Language): string | undefined {
  return typeof value === "number" ? formatNumber(into, value) : value;
}

const RULES = new Map<Language, Intl.PluralRules>();

function plural(count: number, into: Language): Form {
  const rules = RULES.get(into) ?? new Intl.PluralRules(into);
  RULES.set(into, rules);
  return rules.select(count);
}
