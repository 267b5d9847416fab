import { useState } from "react";
import { Link, useNavigate, useSearchParams } from "react-router";
import type { ApiError } from "@/api/client";
import { useSignUp } from "@/api/queries";
import { Button } from "@/components/button";
import { Field } from "@/components/field";
import { Notice } from "@/components/notice";
import { Card, Page } from "@/components/page";
import { safeNext } from "@/lib/next";

const CONFLICT = 409;

export function SignUp() {
  const [search] = useSearchParams();
  const navigate = useNavigate();
  const signUp = useSignUp();
  const fields = signUp.error?.fields ?? {};
  const [invited, setInvited] = useState(search.has("invitation"));
  const taken = signUp.error?.status === CONFLICT;
  function submit(form: FormData) {
    const name = String(form.get("name")).trim();
    const body = {
      email: String(form.get("email")),
      password: String(form.get("password")),
      ...(name && { name }),
      ...(invited && { invitation: String(form.get("invitation")).trim() }),
    };
    signUp.mutate(body, {
      onSuccess: () => navigate(safeNext(search.get("next"))),
      onError: ({ fields }) => setInvited(invited || "invitation" in fields),
    });
  }
  return (
    <Page>
      <Card title="Create an account">
        <form
          className="mt-6 grid gap-4"
          onSubmit={(event) => {
            event.preventDefault();
            submit(new FormData(event.currentTarget));
          }}
        >
          <Field
            label="Your name"
            name="name"
            autoComplete="name"
            maxLength={80}
            hint="As others will see it. You may leave it empty."
            error={fields.name}
          />
          <Field
            label="Email"
            name="email"
            type="email"
            autoComplete="email"
            required
            error={taken ? "There is an account with this email already." : fields.email}
          />
          <Field
            label="Password"
            name="password"
            type="password"
            autoComplete="new-password"
            minLength={8}
            maxLength={128}
            required
            hint="At least 8 characters."
            error={fields.password}
          />
          {invited && (
            <Field
              label="Invitation"
              name="invitation"
              autoComplete="off"
              maxLength={64}
              required
              defaultValue={search.get("invitation") ?? ""}
              hint="This house asks for the code you were invited with."
              error={fields.invitation && signUp.error?.message}
            />
          )}
          <Refusal error={signUp.error} />
          <Button type="submit" disabled={signUp.isPending} className="mt-2">
            Create account
          </Button>
        </form>
        <p className="mt-6 text-center text-soft">
          Been here before?{" "}
          <Link
            className="font-semibold text-brand"
            to={{ pathname: "/signin", search: `${search}` }}
          >
            Sign in
          </Link>
        </p>
      </Card>
    </Page>
  );
}

/** What is not said at a field already. */
function Refusal({ error }: { error: ApiError | null }) {
  if (!error || Object.keys(error.fields).length > 0) return null;
  return <Notice>{error.message}</Notice>;
}
