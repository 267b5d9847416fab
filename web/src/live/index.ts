/** The page's own connection. */
import { accountOf, accountToken, signOut } from "@/api/account";
import { socketUrl } from "@/signaling/url";
import { Live } from "./live";
import { Presence } from "./presence";

export const live = new Live({
  url: socketUrl(),
  token: accountToken,
  accountOf,
  onEnded: signOut,
});

export const presence = new Presence(live);

window.addEventListener("online", () => live.retryNow());
