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

/** Whether a path is that of a conversation, or of a message in it. People also write addresses by hand. */
export function isIn(path: string, id: string): boolean {
  const [, part, conversation = ""] = path.split("/");
  return part === "c" && decoded(conversation) === id;
}

/** What a part of a path stands for; as it is where it stands for nothing. */
export function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/** What others open or scan. */
export const linkOf = (code: string): string => new URL(routes.code(code), location.origin).href;
