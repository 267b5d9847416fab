/** Words in passing at the edge of the page. */
import { Observable } from "@/store/observable";

export interface Toast {
  text: string;
  /** Something did not work: stays longer, and interrupts screen readers. */
  problem?: boolean;
  /** Something to do about it. */
  action?: { label: string; onClick: () => void };
}

export const toasts = new Observable<readonly (Toast & { number: number })[]>([]);

/** More than these nobody reads. */
const SHOWN = 3;
let number = 0;

export function showToast(toast: Toast | string): void {
  const next = typeof toast === "string" ? { text: toast } : toast;
  number += 1;
  toasts.update((shown) => [...shown, { ...next, number }].slice(-SHOWN));
}

export function dropToast(gone: number): void {
  toasts.update((shown) => shown.filter((toast) => toast.number !== gone));
}
