import { ApiError } from "@/api/client";
import { useProblemText } from "@/api/problem-text";
import { Notice } from "./notice";

interface Props {
  error: Error | null;
  /** The fields of the form, which show what is wrong with them themselves. */
  fields?: readonly string[];
}

/** What is wrong with a form and not said at one of its fields already. */
export function FormError({ error, fields = [] }: Props) {
  const text = useProblemText();
  const shown = error instanceof ApiError && fields.some((field) => field in error.fields);
  return error && !shown ? <Notice>{text(error)}</Notice> : null;
}
