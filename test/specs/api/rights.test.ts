import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { streams } from "../../../src/domain/ids.ts";
import { type Client, clientOf, refusal, registeredAll } from "../../support/client.ts";
import { type ApiServer, apiServer } from "../../support/apiServer.ts";
import { Refused } from "../../support/http.ts";

/*
 * What is allowed must not outlive the answer that says that it is not: tried with those who write and recall while their rights
 * go.
 */

const ROUNDS = 60;
/** For a machine with much else to do. */
const PATIENCE_MS = 240_000;

let server: ApiServer;
let ann: Client;
let bob: Client;
let others: Client[];
beforeAll(async () => {
  server = await apiServer();
  [ann, bob] = await registeredAll(server, "ann", "bob");
  // The same user on several connections.
  others = await Promise.all([1, 2, 3].map(() => clientOf(server, "bob")));
});
afterAll(() => server[Symbol.asyncDispose]());

const group = async (joinPolicy = "OPEN") =>
  (await ann.act("createConversation", { kind: "GROUP", title: "Rights", joinPolicy, memberIds: ["bob"] })).conversation.id;

/** What somebody does again and again until it is refused; resolves with how often it was done, and how it was refused. */
async function until(act: () => Promise<unknown>): Promise<{ done: number; code: string | undefined }> {
  for (let done = 0; ; done++) {
    try {
      await act();
    } catch (error) {
      if (!(error instanceof Refused)) throw error;
      return { done, code: error.code };
    }
  }
}

describe("after the answer that a right is gone", () => {
  it("no message of who was removed comes into the log, on whatever connection", { timeout: PATIENCE_MS }, async () => {
    const { log } = server.tidings;
    const id = await group();
    let sent = 0;
    for (let round = 0; round < ROUNDS; round++) {
      const writing = others.map((client) => until(() => client.act("sendMessage", { conversationId: id, text: `${++sent}` })));
      if (round % 2 === 0) await ann.act("removeMembers", { conversationId: id, userIds: ["bob"] });
      else await bob.act("leave", { id });
      const end = await log.end();
      expect(await refusal(bob.act("sendMessage", { conversationId: id, text: "late" }))).toEqual({
        code: "FORBIDDEN",
        field: "conversationId",
      });
      for (const { code } of await Promise.all(writing)) expect(code).toBe("FORBIDDEN");
      const [newest] = await log.read(streams.conversation(id), Number.MAX_SAFE_INTEGER, "backwards", 1);
      expect([round, newest === undefined || newest.position <= end]).toEqual([round, true]);
      await ann.act("addMembers", { conversationId: id, userIds: ["bob"] });
    }
    expect(sent).toBeGreaterThan(ROUNDS);
  });

  it("an administrator of before recalls nobody's message", { timeout: PATIENCE_MS }, async () => {
    const { log } = server.tidings;
    const id = await group();
    for (let round = 0; round < ROUNDS; round++) {
      await ann.act("setRole", { conversationId: id, userId: "bob", role: "ADMIN" });
      const seqs: number[] = [];
      for (let count = 0; count < 3; count++)
        seqs.push((await ann.act("sendMessage", { conversationId: id, text: "mine" })).message.seq);
      const recalling = others.map(async (client, index) => {
        const seq = seqs[index] as number;
        await client.act("recallMessage", { conversationId: id, seq }).catch((error: unknown) => {
          if (!(error instanceof Refused && error.code === "FORBIDDEN")) throw error;
        });
      });
      await ann.act("setRole", { conversationId: id, userId: "bob", role: "MEMBER" });
      const end = await log.end();
      const { message } = await ann.act("sendMessage", { conversationId: id, text: "still mine" });
      expect(await refusal(bob.act("recallMessage", { conversationId: id, seq: message.seq }))).toMatchObject({
        code: "FORBIDDEN",
      });
      await Promise.all(recalling);
      for (const seq of seqs) {
        const [recalled] = await log.read(streams.annotation(id, seq), 0, "forwards", 1);
        expect([round, recalled === undefined || recalled.position <= end]).toEqual([round, true]);
      }
    }
  });
});
