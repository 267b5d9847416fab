/** Of `/ws` at the server the page came from. */
export function socketUrl(): string {
  const url = new URL("/ws", location.href);
  url.protocol = url.protocol === "https:" ? "wss:" : "ws:";
  return url.href;
}
