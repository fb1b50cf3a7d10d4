import { createServer, type IncomingMessage, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";
import { afterEach, describe, expect, it } from "vitest";
import { elasticsearchIndex } from "../../src/adapters/searchIndex/elasticsearch/elasticsearchIndex.ts";
import type { Open } from "../../src/ports/awaitable.ts";
import { Unavailable } from "../../src/ports/faults.ts";
import type { SearchDocument, SearchIndex } from "../../src/ports/searchIndex.ts";
import { realElasticsearch } from "../support/realElasticsearch.ts";

type Answer = { status: number; body?: unknown } | "hangs";

/** A server that says it is Elasticsearch. `bulk` is asked for each bulk, with the ids that it carries, the first one being 0. */
async function fakeServer(bulk: (ids: string[], nth: number) => Answer) {
  const asked: string[][] = [];
  const checkpoints: unknown[] = [];
  const answerTo = async (request: IncomingMessage): Promise<Answer> => {
    const body = await text(request);
    if (request.url?.includes("_bulk")) {
      const lines = body.trim().split("\n");
      const ids = lines
        .filter((_, place) => place % 2 === 0)
        .map((line) => (JSON.parse(line) as { index: { _id: string } }).index._id);
      return bulk(ids, asked.push(ids) - 1);
    }
    if (request.url?.includes("_doc/checkpoint") && request.method === "GET") return { status: 404, body: { found: false } };
    if (request.url?.includes("checkpoint")) return { status: 201, body: checkpoints.push(JSON.parse(body)) && {} };
    return { status: request.method === "HEAD" ? 404 : 200, body: {} };
  };
  const server: Server = createServer((request, response) => {
    void answerTo(request).then((answer) => {
      if (answer === "hangs") return;
      const headers = { "content-type": "application/json", "x-elastic-product": "Elasticsearch" };
      response.writeHead(answer.status, headers).end(JSON.stringify(answer.body ?? {}));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const close = async (): Promise<void> => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  };
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, asked, checkpoints, close };
}

const position = (place: number): string => `testlog0.${place.toString(36).padStart(11, "0")}`;
const message = (seq: number, topic: string | null = null): SearchDocument => ({
  conversationId: "g:a",
  seq,
  version: position(seq),
  senderId: "ann",
  kind: "TEXT",
  topic,
  sentAt: seq,
  text: "word",
});

const items = (ids: string[], of: (id: string) => { status: number; type?: string }): Answer => ({
  status: 200,
  body: {
    errors: true,
    items: ids.map((id) => {
      const { status, type } = of(id);
      return { index: { _id: id, status, ...(type && { error: { type, reason: "because" } }) } };
    }),
  },
});

const busy = { status: 429, type: "es_rejected_execution_exception" };

describe("bulks of Elasticsearch", () => {
  const open: { close(): Promise<void> }[] = [];
  afterEach(async () => {
    for (const each of open.splice(0)) await each.close();
  });
  const opened = async (
    bulk: (ids: string[], nth: number) => Answer,
    requestTimeout = 5_000,
  ): Promise<{ index: Open<SearchIndex>; asked: string[][]; checkpoints: unknown[] }> => {
    const { url, asked, checkpoints, close } = await fakeServer(bulk);
    const index = elasticsearchIndex(url, { requestTimeout });
    open.push({ close }, index);
    return { index, asked, checkpoints };
  };
  const move = { from: null, to: position(9) };

  it("that are refused in part are repeated in part", async () => {
    const { index, asked, checkpoints } = await opened((ids, nth) =>
      items(ids, (id) => (nth === 0 && !id.endsWith("1") ? busy : { status: 200 })),
    );
    expect(await index.put("search@1#1", [message(1), message(2), message(3)], move)).toEqual([]);
    expect(asked).toEqual([
      ["g:a:1", "g:a:2", "g:a:3"],
      ["g:a:2", "g:a:3"],
    ]);
    expect(checkpoints).toEqual([{ checkpoint: position(9) }]);
  });

  it("that are refused as a whole are repeated as a whole", async () => {
    const { index, asked } = await opened((ids, nth) => (nth === 0 ? { status: 429 } : items(ids, () => ({ status: 200 }))));
    expect(await index.put("search@1#1", [message(1), message(2)])).toEqual([]);
    expect(asked).toEqual([
      ["g:a:1", "g:a:2"],
      ["g:a:1", "g:a:2"],
    ]);
  });

  it("count a version conflict as done", async () => {
    const conflict = { status: 409, type: "version_conflict_engine_exception" };
    const { index, asked, checkpoints } = await opened((ids) => items(ids, () => conflict));
    expect(await index.put("search@1#1", [message(1)], move)).toEqual([]);
    expect([asked.length, checkpoints.length]).toEqual([1, 1]);
  });

  it("tell what can never be indexed, and leave the checkpoint", async () => {
    const bad = { status: 400, type: "document_parsing_exception" };
    const { index, asked, checkpoints } = await opened((ids, nth) =>
      items(ids, (id) => (id.endsWith("1") ? bad : nth === 0 ? busy : { status: 200 })),
    );
    expect(await index.put("search@1#1", [message(1), message(2)], move)).toEqual([
      { id: "g:a:1", reason: "document_parsing_exception: because" },
    ]);
    expect(asked).toEqual([["g:a:1", "g:a:2"], ["g:a:2"]]);
    expect(checkpoints).toEqual([]);
  });

  it.each([
    ["answers 503", (): Answer => ({ status: 503 })],
    ["has no room", (ids: string[]) => items(ids, () => ({ status: 403, type: "cluster_block_exception" }))],
    ["has lost the index", (ids: string[]) => items(ids, () => ({ status: 404, type: "index_not_found_exception" }))],
    ["says nothing", (): Answer => "hangs"],
  ])("are unavailable where the server %s", async (_, bulk) => {
    const { index, checkpoints } = await opened(bulk, 500);
    await expect(index.put("search@1#1", [message(1)], move)).rejects.toThrow(Unavailable);
    expect(checkpoints).toEqual([]);
  });

  it("are unavailable where there is no server", async () => {
    const { url, close } = await fakeServer(() => "hangs");
    await close();
    const index = elasticsearchIndex(url);
    open.push(index);
    await expect(index.put("search@1#1", [message(1)])).rejects.toThrow(Unavailable);
    await expect(index.search("search@1", { units: [], filter: {}, order: "NEWEST", limit: 1 })).rejects.toThrow(Unavailable);
    await expect(index.generations("search@1")).rejects.toThrow(Unavailable);
  });
});

const real = realElasticsearch("what Elasticsearch refuses");
describe.runIf(real)("a real Elasticsearch", () => {
  it("refuses what is too long for a term, and takes the rest", async () => {
    const index = elasticsearchIndex(real?.url ?? "", { prefix: real?.newPrefix() ?? "" });
    const move = { from: null, to: position(2) };
    const refused = await index.put("search@1#1", [message(1, "t".repeat(40_000)), message(2)], move);
    expect(refused).toEqual([{ id: "g:a:1", reason: expect.stringContaining("immense term") as string }]);
    expect(await index.messages("search@1#1", null, 10)).toEqual([message(2)]);
    expect(await index.generations("search@1")).toEqual([{ name: "search@1#1", checkpoint: null, active: false }]);
    expect(await index.put("search@1#1", [message(2)], move)).toEqual([]);
    expect((await index.generations("search@1"))[0]?.checkpoint).toBe(position(2));
    await index.drop("search@1#1");
    // What is gone is not made by a write that knows nothing of that.
    const other = elasticsearchIndex(real?.url ?? "", { prefix: real?.newPrefix() ?? "" });
    expect(await other.generations("search@1")).toEqual([]);
    await other.close();
    await index.close();
  });
});
