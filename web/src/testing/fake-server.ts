import { vi } from "vitest";

export interface Sent {
  /** Method and path with query: `GET /users?search=be`. */
  request: string;
  body: unknown;
  headers: Headers;
}

type Answer = [status: number, body?: unknown];

/**
 * Answers `fetch` (until `vi.unstubAllGlobals`); returns what it is sent. `answers` are by method and
 * path, and what is not among them is a 404.
 */
export function fakeServer(answers: Record<string, Answer | ((sent: Sent) => Answer)>): Sent[] {
  const log: Sent[] = [];
  vi.stubGlobal("fetch", async (request: Request) => {
    const { pathname, search } = new URL(request.url);
    const body = request.body ? await request.clone().json() : null;
    const sent = {
      request: `${request.method} ${pathname}${search}`,
      body,
      headers: request.headers,
    };
    log.push(sent);
    const answer = answers[`${request.method} ${pathname}`] ?? [404, { detail: "Not there." }];
    const [status, content] = typeof answer === "function" ? answer(sent) : answer;
    return content === undefined
      ? new Response(null, { status })
      : Response.json(content, { status });
  });
  return log;
}
