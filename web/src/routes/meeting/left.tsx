import { Button, ButtonLink } from "@/components/button";
import { Card, Page } from "@/components/page";

export function Left({ onAgain }: { onAgain: () => void }) {
  return (
    <Page>
      <Card title="You have left">
        <p className="mt-3 text-soft">Camera and microphone are off. See you soon.</p>
        <div className="mt-7 grid gap-3">
          <Button onClick={onAgain}>Rejoin</Button>
          <ButtonLink to="/" look="quiet">
            Back to the start
          </ButtonLink>
        </div>
      </Card>
    </Page>
  );
}
