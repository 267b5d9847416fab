// @vitest-environment happy-dom
import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { cleanup, fireEvent, render, screen } from "@testing-library/react";
import { MemoryRouter } from "react-router";
import { afterEach, expect, test, vi } from "vitest";
import SignUp from "./sign-up";

afterEach(() => {
  cleanup();
  vi.unstubAllGlobals();
});

/** A server that lets nobody in without an invitation. Returns what it is sent. */
function uninviting(): unknown[] {
  const sent: unknown[] = [];
  const problem = {
    detail: "An invitation is needed.",
    errors: [{ field: "invitation", message: "is missing" }],
  };
  vi.stubGlobal("fetch", async (request: Request) => {
    sent.push(await request.json());
    return Response.json(problem, { status: 403 });
  });
  return sent;
}

function open(search: string): void {
  render(
    <QueryClientProvider client={new QueryClient()}>
      <MemoryRouter initialEntries={[`/signup${search}`]}>
        <SignUp />
      </MemoryRouter>
    </QueryClientProvider>,
  );
}

function fill(label: string, value: string): void {
  fireEvent.change(screen.getByLabelText(label), { target: { value } });
}

async function submit(): Promise<void> {
  fireEvent.submit(screen.getByRole("button", { name: "Create account" }));
}

test("an invitation is asked for where one is needed", async () => {
  const sent = uninviting();
  open("");
  fill("Email", "ada@example.com");
  fill("Password", "password123");
  expect(screen.queryByLabelText("Invitation")).toBeNull();
  submit();
  await screen.findByText("An invitation is needed.");
  fill("Invitation", " code ");
  submit();
  await vi.waitFor(() => expect(sent).toHaveLength(2));
  const credentials = { email: "ada@example.com", password: "password123" };
  expect(sent).toEqual([credentials, { ...credentials, invitation: "code" }]);
});

test("a link brings its invitation along", () => {
  open("?invitation=code");
  expect(screen.getByLabelText<HTMLInputElement>("Invitation").value).toBe("code");
});
