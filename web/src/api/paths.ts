/** The routes this page uses, over the generated models: what openapi-fetch checks calls against. */
import type { components } from "@/generated/api";

type Schemas = components["schemas"];

interface Json<Body> {
  headers: Record<string, unknown>;
  content: { "application/json": Body };
}

interface ProblemJson {
  headers: Record<string, unknown>;
  content: { "application/problem+json": Schemas["Problem"] };
}

interface Answers<Status extends number, Body> {
  responses: Record<Status, Json<Body>> & { default: ProblemJson };
}

interface Takes<Body> {
  requestBody: { content: { "application/json": Body } };
}

interface At<Path> {
  parameters: { path: Path };
}

export type Paths = {
  "/auth/signup": { post: Takes<Schemas["Signup"]> & Answers<201, Schemas["Session"]> };
  "/auth/login": { post: Takes<Schemas["Login"]> & Answers<200, Schemas["Session"]> };
  "/users/me": { get: Answers<200, Schemas["User"]> };
  "/meetings": { post: Takes<Schemas["NewMeeting"]> & Answers<201, Schemas["Meeting"]> };
  "/meetings/{id}": { get: At<{ id: string }> & Answers<200, Schemas["Meeting"]> };
  "/meetings/{id}/guests": {
    post: At<{ id: string }> & Takes<Schemas["NewGuest"]> & Answers<201, Schemas["Guest"]>;
  };
};
