import { useState } from "react";
import { Link, useNavigate, useSearchParams } from "react-router";
import { useSignUp } from "@/api/queries";
import { Button } from "@/components/button";
import { Field } from "@/components/field";
import { FormError } from "@/components/form-error";
import { Card, Page } from "@/components/page";
import { usePageTitle } from "@/components/use-page-title";
import { useText } from "@/i18n/text";
import { safeNext } from "@/lib/next";
import { authTexts } from "@/locales/auth";

const CONFLICT = 409;
const FIELDS = ["name", "email", "password", "invitation"];

export default function SignUp() {
  const t = useText(authTexts);
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
  usePageTitle(t("create_title"));
  return (
    <Page>
      <Card title={t("create_title")}>
        <form
          className="mt-6 grid gap-4"
          onSubmit={(event) => {
            event.preventDefault();
            submit(new FormData(event.currentTarget));
          }}
        >
          <Field
            label={t("your_name")}
            name="name"
            autoComplete="name"
            maxLength={80}
            hint={t("name_hint")}
            error={fields.name}
          />
          <Field
            label={t("email")}
            name="email"
            type="email"
            autoComplete="email"
            required
            error={taken ? t("taken") : fields.email}
          />
          <Field
            label={t("password")}
            name="password"
            type="password"
            autoComplete="new-password"
            minLength={8}
            maxLength={128}
            required
            hint={t("password_hint")}
            error={fields.password}
          />
          {invited && (
            <Field
              label={t("invitation")}
              name="invitation"
              autoComplete="off"
              maxLength={64}
              required
              defaultValue={search.get("invitation") ?? ""}
              hint={t("invitation_hint")}
              error={fields.invitation && signUp.error?.message}
            />
          )}
          <FormError error={signUp.error} fields={FIELDS} />
          <Button type="submit" pending={signUp.isPending} className="mt-2">
            {t("create")}
          </Button>
        </form>
        <p className="mt-6 text-center text-soft">
          {t("been_here")}{" "}
          <Link
            className="font-semibold text-brand"
            to={{ pathname: "/signin", search: `${search}` }}
          >
            {t("sign_in")}
          </Link>
        </p>
      </Card>
    </Page>
  );
}
