import { useCallback } from "react";
import { language } from "@/i18n/language";
import { useText } from "@/i18n/text";
import { type ProblemsText, problemsTexts } from "@/locales/problems";
import { SignalingError } from "@/signaling/errors";
import { ApiError } from "./client";

/** Says in words what went wrong. */
export function useProblemText(): (error: Error) => string {
  const t = useText(problemsTexts);
  return useCallback((error) => problemText(error, t), [t]);
}

/** The server knows best, but speaks English only. */
function problemText(error: Error, t: ProblemsText): string {
  if (error instanceof SignalingError) return byCode(error, t);
  if (!(error instanceof ApiError)) return t("unknown");
  const { status, retryAfter, message } = error;
  if (status === 429 && retryAfter) return t("too_often_for", { count: retryAfter });
  if (status === 0) return t("offline");
  return language.get() === "en" ? message : byStatus(status, t);
}

function byCode({ code, transient, message }: SignalingError, t: ProblemsText): string {
  if (transient) return t("offline");
  if (language.get() === "en") return message;
  switch (code) {
    case "forbidden":
    case "not_found":
      return t(code);
    case "too_many_requests":
      return t("too_often");
    case "unavailable":
      return t("busy");
    default:
      return t("unknown");
  }
}

function byStatus(status: number, t: ProblemsText): string {
  switch (status) {
    case 401:
      return t("signed_out");
    case 403:
      return t("forbidden");
    case 404:
      return t("not_found");
    case 409:
      return t("conflict");
    case 412:
      return t("changed_meanwhile");
    case 413:
      return t("too_large");
    case 422:
      return t("invalid");
    case 429:
      return t("too_often");
    case 503:
      return t("busy");
    default:
      return t("unknown");
  }
}
