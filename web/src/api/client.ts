import createClient, { type Middleware } from "openapi-fetch";
import type { components, paths } from "@/generated/api";
import { accountToken, signOut } from "./account";

export type Problem = components["schemas"]["Problem"];

/** An answer that says no (RFC 9457), or no answer at all (status 0). */
export class ApiError extends Error {
  readonly status: number;
  /** What is wrong with which field. */
  readonly fields: Readonly<Record<string, string>>;
  /** Seconds to wait before trying again, where the server says so. */
  readonly retryAfter: number | null;

  constructor(status: number, problem: Partial<Problem> | undefined, retryAfter?: string | null) {
    super(problem?.detail || problem?.title || "The server cannot be reached. Please try again.");
    this.name = "ApiError";
    this.status = status;
    this.retryAfter = retryAfter ? Number(retryAfter) : null;
    this.fields = Object.fromEntries(
      (problem?.errors ?? []).map((error) => [error.field, error.message]),
    );
  }

  /** Nobody said no: the same request may succeed in a moment. */
  get transient(): boolean {
    return this.status === 0 || this.status === 429 || this.status >= 500;
  }
}

const HEADER = "Authorization";
const bearer = (token: string) => `Bearer ${token}`;

/** A guest's token is set where it is used. */
const authorization: Middleware = {
  onRequest({ request }) {
    const token = accountToken.get();
    if (token && !request.headers.has(HEADER)) request.headers.set(HEADER, bearer(token));
  },
  onResponse({ request, response }) {
    const token = accountToken.get();
    const own = token && request.headers.get(HEADER) === bearer(token);
    if (response.status === 401 && own) signOut();
  },
};

export const api = createClient<paths>({ fetch: (request) => fetch(request) });
api.use(authorization);

/** Here at once, and on the server as soon as it can be told. */
export function endSession(): void {
  const token = accountToken.get();
  signOut();
  const headers = { [HEADER]: bearer(token ?? "") };
  if (token) void api.POST("/auth/logout", { headers }).catch(() => undefined);
}

/** Another token of the same session. */
export async function renewedToken(token: string): Promise<string> {
  const headers = { [HEADER]: bearer(token) };
  return (await answered(api.POST("/auth/renew", { headers }))).token;
}

interface Answer<Data> {
  data?: Data;
  error?: Partial<Problem>;
  response: Response;
}

/** The body of a good answer (undefined where it has none); an ApiError otherwise. */
export async function answered<Data>(answer: Promise<Answer<Data>>): Promise<Data> {
  const { data, error, response } = await answer.catch(() => {
    throw new ApiError(0, undefined);
  });
  if (!response.ok) {
    throw new ApiError(response.status, error, response.headers.get("Retry-After"));
  }
  return data as Data;
}
