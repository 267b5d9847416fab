import { Link, useNavigate, useSearchParams } from "react-router";
import { useSignIn } from "@/api/queries";
import { Button } from "@/components/button";
import { Field } from "@/components/field";
import { FormError } from "@/components/form-error";
import { Notice } from "@/components/notice";
import { Card, Page } from "@/components/page";
import { usePageTitle } from "@/components/use-page-title";
import { useText } from "@/i18n/text";
import { safeNext } from "@/lib/next";
import { authTexts } from "@/locales/auth";

const UNAUTHORIZED = 401;

export default function SignIn() {
  const t = useText(authTexts);
  const [search] = useSearchParams();
  const navigate = useNavigate();
  const signIn = useSignIn();
  const wrong = signIn.error?.status === UNAUTHORIZED;
  function submit(form: FormData) {
    const body = { email: String(form.get("email")), password: String(form.get("password")) };
    signIn.mutate(body, { onSuccess: () => navigate(safeNext(search.get("next"))) });
  }
  usePageTitle(t("sign_in"));
  return (
    <Page>
      <Card title={t("welcome_back")}>
        <form
          className="mt-6 grid gap-4"
          onSubmit={(event) => {
            event.preventDefault();
            submit(new FormData(event.currentTarget));
          }}
        >
          <Field label={t("email")} name="email" type="email" autoComplete="email" required />
          <Field
            label={t("password")}
            name="password"
            type="password"
            autoComplete="current-password"
            required
          />
          {wrong ? <Notice>{t("wrong")}</Notice> : <FormError error={signIn.error} />}
          <Button type="submit" pending={signIn.isPending} className="mt-2">
            {t("sign_in")}
          </Button>
        </form>
        <p className="mt-6 text-center text-soft">
          {t("new_here")}{" "}
          <Link
            className="font-semibold text-brand"
            to={{ pathname: "/signup", search: `${search}` }}
          >
            {t("create_title")}
          </Link>
        </p>
      </Card>
    </Page>
  );
}
