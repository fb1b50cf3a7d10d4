/** Where the parts of the page are. The server answers these paths with the page (src/transport/page.ts). */
export const routes = {
  chats: "/",
  people: "/people",
  search: "/search",
  me: "/me",
  conversation: (id: string, seq?: number) => `/c/${encodeURIComponent(id)}${seq === undefined ? "" : `/${seq}`}`,
  searchIn: (id: string) => `/search?in=${encodeURIComponent(id)}`,
  code: (text: string) => `/code/${encodeURIComponent(text)}`,
} as const;

/** Whether a path is that of a conversation, or of a message in it. */
export const isIn = (path: string, id: string): boolean =>
  path === routes.conversation(id) || path.startsWith(`${routes.conversation(id)}/`);

/** What others open or scan. */
export const linkOf = (code: string): string => new URL(routes.code(code), location.origin).href;
