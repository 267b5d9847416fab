import { Link, useNavigate, useSearchParams } from "react-router";
import { useSignIn } from "@/api/queries";
import { Button } from "@/components/button";
import { Field } from "@/components/field";
import { Notice } from "@/components/notice";
import { Card, Page } from "@/components/page";
import { safeNext } from "@/lib/next";

export function SignIn() {
  const [search] = useSearchParams();
  const navigate = useNavigate();
  const signIn = useSignIn();
  function submit(form: FormData) {
    const body = { email: String(form.get("email")), password: String(form.get("password")) };
    signIn.mutate(body, { onSuccess: () => navigate(safeNext(search.get("next"))) });
  }
  return (
    <Page>
      <Card title="Welcome back">
        <form
          className="mt-6 grid gap-4"
          onSubmit={(event) => {
            event.preventDefault();
            submit(new FormData(event.currentTarget));
          }}
        >
          <Field label="Email" name="email" type="email" autoComplete="email" required />
          <Field
            label="Password"
            name="password"
            type="password"
            autoComplete="current-password"
            required
          />
          {signIn.error && <Notice>{signIn.error.message}</Notice>}
          <Button type="submit" disabled={signIn.isPending} className="mt-2">
            Sign in
          </Button>
        </form>
        <p className="mt-6 text-center text-soft">
          New here?{" "}
          <Link
            className="font-semibold text-brand"
            to={{ pathname: "/signup", search: `${search}` }}
          >
            Create an account
          </Link>
        </p>
      </Card>
    </Page>
  );
}
