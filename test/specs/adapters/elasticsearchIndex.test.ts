import { Client } from "@elastic/elasticsearch";
import { createServer, type IncomingMessage, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";
import { inspect } from "node:util";
import { afterEach, describe, expect, it } from "vitest";
import { elasticsearchIndex } from "../../../src/adapters/searchIndex/elasticsearch/elasticsearchIndex.ts";
import type { Open } from "../../../src/ports/awaitable.ts";
import { CheckpointMoved, explained, Unavailable } from "../../../src/ports/faults.ts";
import type { DirectoryEntry, SearchDocument, SearchIndex } from "../../../src/ports/searchIndex.ts";
import { realElasticsearch } from "../../support/realElasticsearch.ts";

type Answer = { status: number; body?: unknown } | "hangs";

type Bulk = (ids: string[], nth: number) => Answer;

/**
 * A server that says it is Elasticsearch. `bulk` is asked for each bulk, with the ids that it carries, the first one being 0.
 * Aliases are there where `active`. `others`: what is answered to what else is asked.
 */
async function fakeServer(bulk: Bulk, active = false, others: unknown = {}) {
  const asked: string[][] = [];
  const checkpoints: unknown[] = [];
  const requests: IncomingMessage[] = [];
  let muted = false;
  const answerTo = async (request: IncomingMessage): Promise<Answer> => {
    requests.push(request);
    const body = await text(request);
    if (muted) return "hangs";
    if (request.url?.includes("_bulk")) {
      const lines = body.trim().split("\n");
      const ids = lines
        .filter((_, place) => place % 2 === 0)
        .map((line) => (JSON.parse(line) as { index: { _id: string } }).index._id);
      return bulk(ids, asked.push(ids) - 1);
    }
    if (request.url?.includes("_doc/checkpoint") && request.method === "GET") return { status: 404, body: { found: false } };
    if (request.url?.includes("checkpoint")) return { status: 201, body: checkpoints.push(JSON.parse(body)) && {} };
    return { status: request.method === "HEAD" && !active ? 404 : 200, body: others };
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
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    asked,
    checkpoints,
    requests,
    mute: () => void (muted = true),
    close,
  };
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

const user = (id: string): DirectoryEntry => ({
  entry: "USER",
  id,
  version: position(1),
  name: id,
  handle: null,
  tags: [],
  category: null,
  place: null,
  public: true,
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
    bulk: Bulk,
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

  it("carry messages, people and groups together", async () => {
    const { index, asked } = await opened((ids) => items(ids, () => ({ status: 200 })));
    expect(await index.put("search@1#1", [message(1), user("ann"), message(2), user("bob")])).toEqual([]);
    expect(asked).toEqual([["g:a:1", "ann", "g:a:2", "bob"]]);
  });

  it("wait until they are found where they are few, and where they are many have them found at once", async () => {
    const { url, requests, close } = await fakeServer((ids) => items(ids, () => ({ status: 200 })), true);
    const index = elasticsearchIndex(url);
    open.push({ close }, index);
    const asked = async (count: number): Promise<string[]> => {
      const before = requests.length;
      await index.put(
        "search@1#1",
        Array.from({ length: count }, (_, place) => message(place + 1)),
      );
      const urls = requests.slice(before).map((request) => request.url ?? "");
      return urls
        .filter((each) => /_bulk|_refresh/.test(each))
        .map((each) =>
          each
            .replace(/.*\/_/, "_")
            .replace(/(require_alias|filter_path)=[^&]*&?/g, "")
            .replace(/&$/, ""),
        );
    };
    expect(await asked(999)).toEqual(["_bulk?refresh=wait_for"]);
    expect(await asked(1_000)).toEqual(["_bulk?", "_refresh"]);
    expect(await asked(6_000)).toEqual(["_bulk?", "_bulk?", "_bulk?", "_refresh"]);
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

describe("the nodes of Elasticsearch", () => {
  const open: { close(): Promise<void> }[] = [];
  afterEach(async () => {
    for (const each of open.splice(0)) await each.close();
  });
  const bulk: Bulk = (ids) => items(ids, () => ({ status: 200 }));

  it("are told the user and the password, and nobody else is", async () => {
    const server = await fakeServer(bulk);
    const address = server.url.replace("http://", "");
    const index = elasticsearchIndex(`http://ann:s%40crEt%25@${address}`, { requestTimeout: 500 });
    open.push(server, index);
    await index.put("search@1#1", [message(1)]);
    const basic = `Basic ${Buffer.from("ann:s@crEt%").toString("base64")}`;
    expect(new Set(server.requests.map(({ headers }) => headers.authorization))).toEqual(new Set([basic]));
    await server.close();
    const error = await index.put("search@1#1", [message(1)]).catch((error: unknown) => error);
    expect(error).toBeInstanceOf(Unavailable);
    // Addresses too are for operators alone.
    expect((error as Error).message).not.toContain(address);
    expect(explained(error)).toMatch(/ECONNREFUSED|closed/);
    const told = [inspect(error, { depth: 20, showHidden: true }), JSON.stringify(error), inspect(await index.status())].join();
    for (const secret of ["s@crEt", "s%40crEt", basic.slice(6)]) expect(told).not.toContain(secret);
  });

  it("are several, one of which may be away", async () => {
    const [away, here] = [await fakeServer(() => "hangs"), await fakeServer(bulk)];
    await away.close();
    const index = elasticsearchIndex(`${away.url}, ${here.url}`);
    open.push(here, index);
    for (let seq = 1; seq <= 4; seq++) expect(await index.put("search@1#1", [message(seq)])).toEqual([]);
    expect(here.asked).toHaveLength(4);
  });

  it.each(["", "localhost:9200", "http://ann:s3cret@", "http://ann:s3cret@a:9200,b:9200", "ftp://ann:s3cret@a"])(
    "are not %j, and the password is not told",
    (urls) => {
      const refused = (): void => void elasticsearchIndex(urls);
      expect(refused).toThrow(TypeError);
      expect(refused).not.toThrow(/s3cret/);
    },
  );

  it("have one user", () => {
    expect(() => elasticsearchIndex("http://ann:s3cret@a:9200,http://bob:s3cret@b:9200")).toThrow(/same user and password/);
  });

  it("say how they are in two seconds, whatever happens", async () => {
    const [silent, bare] = [await fakeServer(() => "hangs", true), await fakeServer(bulk)];
    silent.mute();
    const [one, other] = [elasticsearchIndex(silent.url), elasticsearchIndex(bare.url)];
    open.push(silent, bare, one, other);
    const started = performance.now();
    expect(await one.status()).toEqual({
      kind: "elasticsearch",
      reachable: false,
      detail: expect.stringMatching(/timed out/i) as string,
    });
    expect(performance.now() - started).toBeLessThan(2_000);
    expect(await other.status()).toMatchObject({ kind: "elasticsearch", reachable: true });
    await bare.close();
    expect(await other.status()).toEqual({
      kind: "elasticsearch",
      reachable: false,
      detail: expect.stringMatching(/ECONNREFUSED|closed/) as string,
    });
  });
});

const real = realElasticsearch("what Elasticsearch refuses");
describe("reading from Elasticsearch", () => {
  it("is not to find nothing where a shard is away", async () => {
    const error = { type: "no_shard_available_action_exception", reason: "No shard available" };
    const server = await fakeServer(() => "hangs", false, { docs: [{ _index: "i", _id: "ann", error }] });
    const index = elasticsearchIndex(server.url);
    await expect(index.get("search@1#1", ["ann"])).rejects.toThrow(Unavailable);
    await index.close();
    await server.close();
  });
});

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

  it("loses a generation with either of its indexes, and builds it anew", async () => {
    const prefix = real?.newPrefix() ?? "";
    const index = elasticsearchIndex(real?.url ?? "", { prefix });
    const client = new Client({ node: real?.url ?? "" });
    for (const lost of [["search-v1-r1", "search-v1-r1-entries"], ["search-v1-r1"], ["search-v1-r1-entries"]]) {
      await index.put("search@1#1", [message(1), user("ann")], { from: null, to: position(1) });
      await index.activate("search@1#1");
      await client.indices.delete({ index: lost.map((name) => `${prefix}-${name}`) });
      // Said again and again, until it is looked what there is.
      for (const documents of [
        [message(2), user("bob")],
        [message(2), user("bob")],
      ])
        await expect(index.put("search@1#1", documents, { from: position(1), to: position(2) })).rejects.toThrow(Unavailable);
      // What is gone is not what never was: nothing may be made of that.
      await expect(index.get("search@1#1", ["g:a:1", "ann"])).rejects.toThrow(Unavailable);
      expect(await index.generations("search@1")).toEqual([]);
      expect(await index.get("search@1#1", ["none"])).toEqual([undefined]);
      expect(await index.put("search@1#1", [user("cat")], { from: null, to: position(3) })).toEqual([]);
      expect(await index.generations("search@1")).toEqual([{ name: "search@1#1", checkpoint: position(3), active: false }]);
      expect(await index.get("search@1#1", ["g:a:1", "cat"])).toEqual([undefined, user("cat")]);
      await index.drop("search@1#1");
      const gone = index.put("search@1#1", [], { from: position(3), to: position(4) });
      await expect(gone).rejects.toThrow(CheckpointMoved);
      expect(await client.indices.exists({ index: `${prefix}-search-v1-r1` })).toBe(false);
    }
    await client.close();
    await index.close();
  });

  it("keeps what is found by a view whole while it is swapped", async () => {
    const index = elasticsearchIndex(real?.url ?? "", { prefix: real?.newPrefix() ?? "" });
    await index.put("search@1#1", [message(1), user("ann")]);
    await index.activate("search@1#1");
    await index.put("search@1#2", [message(1), user("ann")]);
    let isSwapped = false;
    const looking = (async () => {
      while (!isSwapped) {
        const { hits } = await index.search("search@1", { units: [], filter: {}, order: "NEWEST", limit: 9 });
        const found = await index.find("search@1", { entry: "USER", limit: 9 });
        expect([hits.length, found.hits.length]).toEqual([1, 1]);
      }
    })();
    await index.activate("search@1#2");
    isSwapped = true;
    await looking;
    for (const run of [1, 2]) await index.drop(`search@1#${run}`);
    await index.close();
  });
});
