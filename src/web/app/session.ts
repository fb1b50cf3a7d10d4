import { forgetIn, keepIn, keptIn } from "./kept.ts";

/** What the server says of itself to the page. `developmentTokens`: it makes a token for whatever name one picks. */
export type PageSettings = { readonly developmentTokens: boolean };

/**
 * Who uses the page. In development a name, kept for this tab alone, so that each tab may be somebody else. Else a token of
 * the product's own, kept for all tabs of this browser.
 */
export type Session = { readonly by: "name"; readonly name: string } | { readonly by: "token"; readonly token: string };

const NAME = "tidings:name";
const TOKEN = "tidings:token";

export async function pageSettings(): Promise<PageSettings> {
  const answer = await fetch("/page.json");
  if (!answer.ok) throw new Error(`the server answered ${answer.status}`);
  return (await answer.json()) as PageSettings;
}

export function keptSession({ developmentTokens }: PageSettings): Session | undefined {
  const name = keptIn("sessionStorage", NAME);
  if (developmentTokens && name) return { by: "name", name };
  const token = keptIn("localStorage", TOKEN);
  return token ? { by: "token", token } : undefined;
}

export function keepSession(session: Session): void {
  if (session.by === "name") keepIn("sessionStorage", NAME, session.name);
  else keepIn("localStorage", TOKEN, session.token);
}

export function forgetSession(): void {
  forgetIn("sessionStorage", NAME);
  forgetIn("localStorage", TOKEN);
}

/**
 * A token for the session. Rejects with an `Error` that says what is wrong with the name. Where the server cannot be reached, or
 * cannot answer now, its `code` is NETWORK: that says nothing about the name.
 */
export async function tokenOf(session: Session): Promise<string> {
  if (session.by === "token") return session.token;
  const answer = await fetch("/graphiql/token", {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ user: session.name }),
  }).catch((error: Error) => {
    throw away(error.message);
  });
  const text = await answer.text().catch(() => "");
  if (answer.status >= 500 || answer.status === 429) throw away(`the server answered ${answer.status}`);
  const { token, error } = parsed(text);
  if (token === undefined) throw new Error(error ?? `the server answered ${answer.status}`);
  return token;
}

const away = (message: string): Error => Object.assign(new Error(message), { code: "NETWORK" });

function parsed(text: string): { token?: string; error?: string } {
  try {
    return JSON.parse(text) as { token?: string; error?: string };
  } catch {
    return {};
  }
}
