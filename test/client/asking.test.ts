import { expect, it, vi } from "vitest";
import { asker } from "../../src/client/asking.ts";
import { keepToken } from "../../src/client/tokens.ts";

/** Asks whoever answers so, with tokens that are numbered. */
function asking(answer: (authorization: string) => Response) {
  let made = 0;
  const fetching = vi.fn(async (_: unknown, init?: RequestInit) =>
    answer((init?.headers as Record<string, string>)["authorization"] ?? ""),
  );
  const tokens = keepToken(() => `token ${++made}`);
  return asker({ url: "http://here/graphql", tokens, fetch: fetching, ended: new AbortController().signal });
}

it("asks again with a new token where the old one is refused, by the server or by what stands before it", async () => {
  const refusals = [
    () => Response.json({ errors: [{ message: "no", extensions: { code: "UNAUTHENTICATED" } }] }),
    () => new Response("<h1>401 Authorization Required</h1>", { status: 401 }),
  ];
  for (const refuse of refusals) {
    const ask = asking((authorization) => (authorization === "Bearer token 2" ? Response.json({ data: { done: 1 } }) : refuse()));
    expect(await ask("{ done }", {})).toEqual({ done: 1 });
    const never = asking(refuse);
    await expect(never("{ done }", {})).rejects.toMatchObject({ code: "UNAUTHENTICATED" });
  }
});

it("tells what stands between from a refusal of the server", async () => {
  const codes = { 413: "BAD_INPUT", 429: "RATE_LIMITED", 502: "NETWORK", 200: "NETWORK" };
  for (const [status, code] of Object.entries(codes)) {
    const ask = asking(() => new Response("something", { status: Number(status) }));
    await expect(ask("{ done }", {})).rejects.toMatchObject({ code });
  }
});
