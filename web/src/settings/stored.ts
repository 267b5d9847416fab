import { Observable } from "@/store/observable";

/** A choice that outlives the page and is the same in all of its tabs. */
export function stored<T extends string>(
  key: string,
  choices: readonly T[],
  fallback: T,
): Observable<T> {
  const read = (text: string | null) => choices.find((choice) => choice === text) ?? fallback;
  const choice = new Observable(read(localStorage.getItem(key)));
  choice.subscribe(() => localStorage.setItem(key, choice.get()));
  window.addEventListener("storage", (event) => {
    if (event.key === key) choice.set(read(event.newValue));
  });
  return choice;
}
