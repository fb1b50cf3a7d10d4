import { createClient, type Client, type ClientOptions } from "tidings-client";
import { Register } from "tidings-client/operations";
import { WebSocket } from "ws";

/** The server of the examples. */
export const SERVER = process.env["TIDINGS_URL"] ?? "http://localhost:4000";

/**
 * A client of whoever is called so: on a server in development one may be anybody. In production `token` asks your own backend,
 * which knows who somebody is. Whoever comes for the first time is registered.
 */
export function signIn(name: string, options: Partial<ClientOptions> & { server?: string } = {}): Client {
  const { server = SERVER, ...others } = options;
  const client = createClient({
    url: `${server}/graphql`,
    token: () => tokenOf(server, name),
    webSocket: globalThis.WebSocket ?? WebSocket,
    ...others,
  });
  const end = client.connection.subscribe(() => {
    const { state, error } = client.connection.get();
    if (state === "live") end();
    if (error?.code === "NOT_FOUND")
      client
        .request(Register, { input: { clientMutationId: "register", handle: name, name } })
        .then(client.reconnect, (refused: Error) => console.error(`${name} cannot be registered: ${refused.message}`));
  });
  return client;
}

async function tokenOf(server: string, user: string): Promise<string> {
  const answer = await fetch(`${server}/graphiql/token`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ user }),
  });
  const { token, error } = (await answer.json()) as { token?: string; error?: string };
  if (token === undefined) throw new Error(error ?? `the server gives no tokens (${answer.status})`);
  return token;
}
