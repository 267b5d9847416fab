import { accountToken, signIn } from "./account";
import { renewedToken } from "./client";
import { Renewal } from "./renewal";

/** For as long as the page is open. */
export function keepSignedIn(): void {
  const renewal = new Renewal({
    token: () => accountToken.get(),
    renew: renewedToken,
    keep: signIn,
  });
  accountToken.subscribe(() => renewal.start());
  renewal.start();
}
