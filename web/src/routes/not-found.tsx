import { ButtonLink } from "@/components/button";
import { Card, Page } from "@/components/page";

export function NotFound() {
  return (
    <Page>
      <Card title="Nobody sits at this table">
        <p className="mt-3 text-soft">
          There is no such page. The address may have a typing error.
        </p>
        <ButtonLink to="/" className="mt-7 w-full">
          Back to the start
        </ButtonLink>
      </Card>
    </Page>
  );
}
