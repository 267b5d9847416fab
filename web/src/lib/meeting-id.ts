/** The meeting an invitation names, pasted as a link or as the bare code; null if it is neither. */
export function meetingIdFrom(text: string): string | null {
  const code = /(?:^|\/m\/)([A-Za-z0-9_-]{4,64})\/?(?:[?#].*)?$/.exec(text.trim());
  return code?.[1] ?? null;
}
