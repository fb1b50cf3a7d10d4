import { expect, test } from "vitest";
import type { Ask } from "../../src/client/asking.ts";
import { clientError } from "../../src/client/errors.ts";
import { upload } from "../../src/client/uploading.ts";

const ID = "u:ann:00000000-0000-5000-8000-000000000001";
const given = {
  id: ID,
  url: "https://files.example.org/1",
  method: "PUT",
  headers: [{ name: "Content-Type", value: "application/octet-stream" }],
  expiresAt: "2024-01-02T09:00:00.000Z",
};
const file = new File(["hello"], "a.txt", { type: "text/plain;charset=utf-8" });

function server(statuses: (number | Error)[], asks: (Error | undefined)[] = []) {
  const created: Record<string, unknown>[] = [];
  const puts: { url: string; init: RequestInit }[] = [];
  const ask = (async (_: unknown, variables: { input: Record<string, unknown> }) => {
    created.push(variables.input);
    const fault = asks.shift();
    if (fault) throw fault;
    return { createUpload: { cursor: "1", upload: given } };
  }) as unknown as Ask;
  const fetches = (async (url: string, init: RequestInit) => {
    puts.push({ url, init });
    const status = statuses.shift() ?? 201;
    if (status instanceof Error) throw status;
    return new Response(null, { status });
  }) as unknown as typeof fetch;
  return { ask, fetches, created, puts };
}

test("a file goes where the server says, with what it says, and without a token", async () => {
  const { ask, fetches, created, puts } = server([201]);
  expect(await upload(ask, fetches, file, {})).toEqual({ uploadId: ID });
  expect(created).toEqual([{ clientMutationId: expect.any(String) as string, name: "a.txt", mediaType: "text/plain", size: 5 }]);
  expect(puts).toEqual([
    {
      url: given.url,
      init: expect.objectContaining({
        method: "PUT",
        headers: { "Content-Type": "application/octet-stream" },
        body: file,
        credentials: "omit",
      }) as RequestInit,
    },
  ]);
});

test("bytes without a name or a type have some, or those that are given", async () => {
  const { ask, fetches, created } = server([]);
  await upload(ask, fetches, new Blob(["x"]), {});
  await upload(ask, fetches, new Blob(["x"]), { name: "b.md", mediaType: "text/markdown" });
  expect(created.map(({ name, mediaType }) => [name, mediaType])).toEqual([
    ["file", "application/octet-stream"],
    ["b.md", "text/markdown"],
  ]);
});

test("what the network is at fault for is tried again, as the same upload", async () => {
  const { ask, fetches, created, puts } = server([503, new TypeError("failed to fetch"), 201]);
  expect(await upload(ask, fetches, file, {})).toEqual({ uploadId: ID });
  expect(puts).toHaveLength(3);
  expect(new Set(created.map(({ clientMutationId }) => clientMutationId)).size).toBe(1);
});

test.each([
  ["a refusal of the server", [], [clientError("LIMIT_EXCEEDED", "too large")], "LIMIT_EXCEEDED", 0],
  ["a refusal of the store", [403], [], "BAD_INPUT", 1],
  ["no room", [507], [], "LIMIT_EXCEEDED", 1],
] as const)("%s is final", async (_, statuses, asks, code, tries) => {
  const { ask, fetches, puts } = server([...statuses], [...asks]);
  await expect(upload(ask, fetches, file, {})).rejects.toMatchObject({ code });
  expect(puts).toHaveLength(tries);
});

test("nothing is tried again once it was ended", async () => {
  const ending = new AbortController();
  const { ask, fetches, puts } = server([503, 503]);
  const ended = upload(
    ask,
    async (...of) => {
      ending.abort();
      return fetches(...of);
    },
    file,
    { signal: ending.signal },
  );
  await expect(ended).rejects.toMatchObject({ code: "NETWORK" });
  expect(puts).toHaveLength(1);
});
