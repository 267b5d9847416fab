/** Names of what the page knows of the server, for `useQuery` and `invalidateQueries`. */

/** `all` is the beginning of the others: to invalidate it invalidates them. */
function kind<Name extends string>(name: Name) {
  return {
    all: [name] as const,
    list: (filter: object = {}) => [name, "list", filter] as const,
    one: (id: number | string) => [name, "one", id] as const,
    /** What belongs to one, in pages: members, messages … */
    of: (id: number | string, part: string, filter: object = {}) =>
      [name, "one", id, part, filter] as const,
  };
}

export const keys = {
  me: ["me"] as const,
  health: ["health"] as const,
  avatar: (path: string) => ["avatar", path] as const,
  meetings: kind("meetings"),
  conversations: kind("conversations"),
  posts: kind("posts"),
  people: kind("people"),
  sessions: kind("sessions"),
  accounts: kind("accounts"),
  invitations: kind("invitations"),
  audit: kind("audit"),
  running: ["running"] as const,
  server: ["server"] as const,
};
