import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { type Client, registeredAll } from "../../support/client.ts";
import { realPostgres } from "../../support/realPostgres.ts";
import { relay } from "../../support/relay.ts";
import { runTidings, type Server, type Settings, startServer } from "../../support/server.ts";
import { tempDir } from "../../support/tempDir.ts";
import { until } from "../../support/until.ts";

/* A server with its views on PostgreSQL, as operators and clients see it. */

const real = realPostgres("a server with its views there");

describe.skipIf(!real)("a server with its views on PostgreSQL", () => {
  const ending: (() => Promise<unknown>)[] = [];
  afterEach(async () => {
    for (const end of ending.splice(0).reverse()) await end();
  });
  let folder: string;
  beforeEach(async () => {
    const { path, remove } = await tempDir();
    folder = path;
    ending.push(remove);
  });

  const onPostgres = (url = real?.url ?? ""): Settings => ({ DATABASE_URL: url, DATABASE_SCHEMA: real?.newSchema() });
  const started = async (settings: Settings, dataDir = join(folder, "data")): Promise<Server> => {
    const server = await startServer({ dataDir, settings });
    ending.push(() => server.remove());
    return server;
  };
  const reached = (server: Server) => ({ address: () => server.url, token: server.token });

  const textsOf = async (client: Client): Promise<(string | null)[]> =>
    (await client.syncAll()).entries.flatMap((entry) => ("message" in entry && entry.message ? [entry.message.text] : []));

  test("serves, starts again where it was, replays and verifies", { timeout: 120_000 }, async () => {
    const settings = onPostgres();
    const server = await started(settings);
    const [ann, bob] = await registeredAll(reached(server), "ann", "bob");
    const { conversation } = await ann.act("createConversation", { kind: "GROUP", title: "Tea", memberIds: ["bob"] });
    const inbox = bob.inbox((await bob.sync()).cursor);
    for (let n = 1; n <= 30; n++) await ann.act("sendMessage", { conversationId: conversation.id, text: `message ${n}` });
    await inbox.until("the last one", (entry) => "message" in entry && entry.message?.text === "message 30");
    await inbox.close();
    const before = await textsOf(bob);
    expect(before).toEqual(Array.from({ length: 30 }, (_, index) => `message ${index + 1}`));
    expect((await server.readiness()).body.components["views"]).toMatchObject({ ready: true, kind: "postgresql" });

    expect((await runTidings(["replay", "inboxes"], server.environment)).code).toBe(0);
    expect(await textsOf(bob)).toEqual(before);
    const verified = await runTidings(["verify", "inboxes"], server.environment);
    expect(verified, verified.out + verified.err).toMatchObject({ code: 0 });

    await server.kill();
    await server.start();
    expect(await textsOf(bob)).toEqual(before);
    expect(await server.stop()).toBe(0);
    expect(server.faults()).toEqual([]);

    const offline = await runTidings(["verify", "timelines"], server.environment);
    expect(offline, offline.out + offline.err).toMatchObject({ code: 0 });
    const { out } = await runTidings(["doctor"], { ...server.environment, DISK_FREE_BYTES: "0" });
    expect(out).toMatch(/views\s+postgresql/);
  });

  test("divides its views into slices, and into others when it is told so", { timeout: 180_000 }, async () => {
    const settings = onPostgres();
    const server = await started({ ...settings, PROJECTION_SLICES: "3" });
    const [ann, bob] = await registeredAll(reached(server), "ann", "bob");
    const { conversation } = await ann.act("createConversation", { kind: "GROUP", title: "Tea", memberIds: ["bob"] });
    const inbox = bob.inbox((await bob.sync()).cursor);
    const expected: string[] = [];
    const talk = async (from: number, to: number): Promise<void> => {
      for (let n = from; n <= to; n++) {
        expected.push(`message ${n}`);
        const where = n % 2 === 0 ? { conversationId: conversation.id } : { userId: "bob" };
        await ann.act("sendMessage", { ...where, text: `message ${n}` });
      }
      const last = `message ${to}`;
      await until("all have come", async () => (await textsOf(bob)).includes(last));
      expect(await textsOf(bob)).toEqual(expected);
    };
    await talk(1, 20);
    await inbox.until("the last one", (entry) => "message" in entry && entry.message?.text === "message 20");
    await inbox.close();
    const verified = async (): Promise<void> => {
      for (const view of ["inboxes", "timelines", "relations"]) {
        const { code, out, err } = await runTidings(["verify", view], server.environment);
        expect(code, out + err).toBe(0);
      }
    };
    await verified();
    expect((await runTidings(["replay", "inboxes"], server.environment)).code).toBe(0);
    await talk(21, 30);
    await verified();

    for (const slices of ["2", "1"]) {
      await server.kill();
      await server.start({ PROJECTION_SLICES: slices });
      await until("they are divided anew", () => server.log().includes(`the views in ${slices} slice`), 60_000);
      await until(
        "it took their places",
        () => server.log().includes(`${slices === "1" ? "1 slice" : "2 slices"} took the places`),
        60_000,
      );
      const before = expected.length;
      await talk(before + 1, before + 10);
      await verified();
    }
    expect(await server.stop()).toBe(0);
    expect(server.faults()).toEqual([]);
  });

  test("says that PostgreSQL is away, at the start and later, and goes on by itself", { timeout: 120_000 }, async () => {
    const { hostname, port } = new URL(real?.url ?? "");
    await using between = await relay(`http://${hostname}:${port}`);
    const at = new URL(real?.url ?? "");
    at.host = between.host;
    between.interrupt();
    const starting = started(onPostgres(at.href));
    // The start waits: nothing is served before.
    await until("somebody knocked", () => between.refused > 1);
    between.restore();
    const server = await starting;
    expect(server.log()).toMatch(/waiting for PostgreSQL at 127\.0\.0\.1:\d+\//);
    const [ann, bob] = await registeredAll(reached(server), "ann", "bob");
    await ann.act("sendMessage", { userId: "bob", text: "before" });
    await until("it came", async () => (await textsOf(bob)).includes("before"));

    between.interrupt();
    const { body } = await until("it says so", async () => {
      const readiness = await server.readiness();
      return readiness.status === 503 ? readiness : undefined;
    });
    expect(body.components["views"]).toMatchObject({ ready: false, kind: "postgresql" });
    expect(body.components["views"]?.detail).toBeDefined();
    between.restore();
    await until("it is ready again", async () => (await server.readiness()).status === 200);
    await ann.act("sendMessage", { userId: "bob", text: "after" });
    await until("it came", async () => (await textsOf(bob)).includes("after"));
    expect(await textsOf(bob)).toEqual(["before", "after"]);
    expect((await runTidings(["verify", "inboxes"], server.environment)).code).toBe(0);
  });
});
