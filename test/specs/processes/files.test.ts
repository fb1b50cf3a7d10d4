import { expect, test } from "vitest";
import { files, GRACE_MS } from "../../../projections/files.ts";
import { readFact } from "../../../src/domain/archive.ts";
import { parseEvent } from "../../../src/domain/recorded.ts";
import { decider as uploadsDecider, type Event as UploadEvent } from "../../../src/domain/uploads.ts";
import { parseUploadId, streams } from "../../../src/domain/ids.ts";
import { dueProcess } from "../../../src/processes/dueProcess.ts";
import { unheldFiles } from "../../../src/processes/files.ts";
import { createBlocked, isReliedOn } from "../../../src/projecting/blocked.ts";
import { caller, newKey, profile, text } from "../../support/cast.ts";
import { nodeOver, world } from "../../support/world.ts";

const running = () => new AbortController().signal;
const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const DIRECT = "d:ann~bob";
const PICTURE = "png 4x3";

async function scene() {
  let time = Date.UTC(2024, 0, 2);
  const now = () => new Date(time);
  const made = world({ now, lazy: true });
  for (const user of ["ann", "bob", "cat"]) await made.commands.register(caller(user), profile(user));
  await made.catchUp();
  const { commands, files } = made;
  const upload = async (bytes = PICTURE) => {
    const given = { clientMutationId: newKey(), name: "a.png", mediaType: "image/png", size: bytes.length };
    const { upload: created } = await commands.createUpload(caller("ann"), given);
    files.arrive(created.key, bytes);
    await made.catchUp();
    return created.id;
  };
  return {
    ...made,
    now,
    pass: (ms: number) => void (time += ms),
    upload,
    send: async (uploadId: string, more: object = {}) => {
      const sending = text({ userId: "bob" }, { kind: "IMAGE", attachments: [{ uploadId }], ...more });
      const { message } = await commands.sendMessage(caller("ann"), sending);
      await made.catchUp();
      return message.seq;
    },
    recall: async (seq: number, conversationId = DIRECT, by = "ann") => {
      await commands.recallMessage(caller(by), { clientMutationId: newKey(), conversationId, seq });
      await made.catchUp();
    },
    forward: async (seq: number) => {
      const input = { clientMutationId: newKey(), fromConversationId: DIRECT, seqs: [seq], toConversationId: "d:bob~cat" };
      const { messages } = await commands.forwardMessages(caller("bob"), input);
      await made.catchUp();
      return messages[0]?.seq ?? 0;
    },
    look: async () => {
      const process = dueProcess(unheldFiles({ files: made.views.files, commands }), {
        watermark: { ...made.watermark, reached: async () => made.catchUp().then(() => true) },
        begun: made.log.origin,
        now,
        warn: (message, detail) => {
          throw new Error(`${message}: ${detail}`);
        },
      });
      await process.look(running());
      await made.catchUp();
      return process.state();
    },
    /** What is kept of a file. */
    kept: (uploadId: string) => [...files.kept.keys()].filter((key) => key.startsWith(parseUploadId(uploadId)?.id ?? "-")).length,
    happened: async (stream: string) => (await made.log.read(stream, 0, "forwards", 100)).map(({ type }) => type),
  };
}

test("an upload that is never sent is deleted after its time, and not before", async () => {
  const here = await scene();
  const id = await here.upload();
  await here.files.store.take(parseUploadId(id)?.id ?? "");
  here.pass(DAY_MS);
  await here.look();
  expect(here.kept(id)).toBe(1);
  here.pass(GRACE_MS);
  expect(await here.look()).toMatchObject({ lateMs: 0, done: 1 });
  expect(here.kept(id)).toBe(0);
  expect(await here.happened(streams.uploads("ann"))).toEqual(["UploadCreated", "UploadClosed"]);
  expect(await here.look()).toMatchObject({ done: 0 });
});

test("one that was sent stays, with its small picture", async () => {
  const here = await scene();
  const id = await here.upload();
  await here.send(id);
  here.pass(10 * DAY_MS);
  expect(await here.look()).toMatchObject({ done: 1 });
  expect(here.kept(id)).toBe(2);
  expect(await here.happened(streams.uploads("ann"))).toEqual(["UploadCreated", "UploadSent", "UploadClosed"]);
});

test("what a recalled message held is deleted a while later, by however many servers", async () => {
  const here = await scene();
  const id = await here.upload();
  const seq = await here.send(id);
  await here.recall(seq);
  here.pass(GRACE_MS - 1);
  await here.look();
  expect(here.kept(id)).toBe(2);
  here.pass(1);
  await Promise.all([here.look(), here.look(), here.look()]);
  expect(here.kept(id)).toBe(0);
  expect(await here.happened(streams.annotation(DIRECT, seq))).toEqual(["MessageRecalled", "FilesReleased"]);
  expect(await here.look()).toMatchObject({ done: 0, lateMs: 0 });
});

test("what a message held that has expired is deleted, too", async () => {
  const here = await scene();
  const id = await here.upload();
  const seq = await here.send(id, { expiresAfterSeconds: 60 });
  here.pass(60_000);
  await here.commands.expireMessage({ conversation: DIRECT, seq });
  await here.catchUp();
  here.pass(GRACE_MS);
  await here.look();
  expect(here.kept(id)).toBe(0);
});

test("what was forwarded stays until the copy is recalled as well", async () => {
  const here = await scene();
  const id = await here.upload();
  const seq = await here.send(id);
  const copy = await here.forward(seq);
  await here.recall(seq);
  here.pass(GRACE_MS);
  expect(await here.look()).toMatchObject({ done: 1 });
  expect(here.kept(id)).toBe(2);
  await here.recall(copy, "d:bob~cat", "bob");
  here.pass(GRACE_MS);
  await here.look();
  expect(here.kept(id)).toBe(0);
});

test("what two messages held is deleted once the time of the one that was given up last is over", async () => {
  const here = await scene();
  const id = await here.upload();
  const seq = await here.send(id);
  const copy = await here.forward(seq);
  await here.recall(seq);
  here.pass(GRACE_MS - 1);
  await here.recall(copy, "d:bob~cat", "bob");
  here.pass(1);
  // Whoever was just forwarding the second one may still come.
  expect(await here.look()).toMatchObject({ done: 1 });
  expect(here.kept(id)).toBe(2);
  here.pass(GRACE_MS - 1);
  expect(await here.look()).toMatchObject({ done: 1 });
  expect(here.kept(id)).toBe(0);
});

test("what two messages held that were given up at the same moment is deleted", async () => {
  const here = await scene();
  const id = await here.upload();
  const seq = await here.send(id);
  const copy = await here.forward(seq);
  await here.recall(seq);
  await here.recall(copy, "d:bob~cat", "bob");
  here.pass(GRACE_MS);
  expect(await here.look()).toMatchObject({ done: 2 });
  expect(here.kept(id)).toBe(0);
});

test("while messages are parked, nothing is deleted: one of them may hold the file", async () => {
  const here = await scene();
  const id = await here.upload();
  const seq = await here.send(id);
  await here.recall(seq);
  here.pass(GRACE_MS);
  expect(isReliedOn(files)).toBe(true);
  const blocked = createBlocked([files]);
  blocked.change({ [files.name]: ["d:bob~cat"] });
  const { log, store, watermark, now, catchUp: waited } = here;
  const { commands } = nodeOver(log, store, { watermark, now, waited, blocked, files: here.files });
  const release = () => commands.releaseFiles({ files: [id], message: { conversationId: DIRECT, seq } });
  await expect(release()).rejects.toMatchObject({ code: "UNAVAILABLE" });
  expect(here.kept(id)).toBe(2);
  expect(await here.happened(streams.annotation(DIRECT, seq))).toEqual(["MessageRecalled"]);
  blocked.change({ [files.name]: [] });
  await release();
  expect(here.kept(id)).toBe(0);
});

test("a scheduled message holds its file until it is cancelled, or the message that it became does", async () => {
  const here = await scene();
  const [kept, gone] = [await here.upload(), await here.upload()];
  const sendAt = new Date(here.now().getTime() + 2 * DAY_MS).toISOString();
  const schedule = async (uploadId: string) => {
    const { text: _, ...given } = text({ userId: "bob" }, { kind: "IMAGE", attachments: [{ uploadId }] });
    await here.commands.scheduleMessage(caller("ann"), { ...given, text: null, sendAt });
    await here.catchUp();
    const rows = await here.views.schedules.scheduledOf("ann", false);
    return rows.find(({ attachments }) => attachments[0]?.file?.id === uploadId)?.id ?? "";
  };
  const [one, other] = [await schedule(kept), await schedule(gone)];
  await here.commands.cancelScheduled(caller("ann"), { clientMutationId: newKey(), user: "ann", id: other });
  here.pass(DAY_MS + GRACE_MS);
  await here.catchUp();
  await here.look();
  expect([here.kept(kept), here.kept(gone)]).toEqual([2, 0]);
  const ref = { user: "ann", id: one };
  await here.commands.beginSending(ref);
  await here.commands.noteFailed(ref, "FORBIDDEN");
  await here.catchUp();
  here.pass(DAY_MS);
  await here.look();
  expect(here.kept(kept)).toBe(2);
  await here.commands.cancelScheduled(caller("ann"), { clientMutationId: newKey(), user: "ann", id: one });
  await here.catchUp();
  here.pass(GRACE_MS);
  await here.look();
  expect(here.kept(kept)).toBe(0);
});

test("a retry of a send whose outcome was lost finds the same message, and nothing is looked at twice", async () => {
  const here = await scene();
  const id = await here.upload();
  const sending = text({ userId: "bob" }, { kind: "IMAGE", attachments: [{ uploadId: id }] });
  const first = await here.commands.sendMessage(caller("ann"), sending);
  const looks = here.files.looks();
  await here.catchUp();
  expect((await here.commands.sendMessage(caller("ann"), sending)).message.seq).toBe(first.message.seq);
  here.pass(10 * DAY_MS);
  await here.look();
  expect((await here.commands.sendMessage(caller("ann"), sending)).message.seq).toBe(first.message.seq);
  expect(here.files.looks()).toBe(looks);
});

/** A file of an archive, and the message that holds it. */
const ofArchive = async (here: Awaited<ReturnType<typeof scene>>, number = 1, file = 1) => {
  const uploadId = `u:ann:00000000-0000-4000-8000-00000000000${file}`;
  const id = `00000000-0000-4000-9000-00000000000${number}`;
  const about = { name: "old.png", mediaType: "image/png", size: PICTURE.length };
  const admin = { ...caller("operator"), admin: true };
  const bring = () =>
    here.commands.importFile(admin, { clientMutationId: newKey(), uploadId, conversationId: DIRECT, messageId: id, ...about });
  const data = { conversationId: DIRECT, senderId: "ann", kind: "IMAGE", attachments: [{ file: uploadId, ...about }] };
  const read = readFact({ fact: "MessageSent", id, at: "2020-01-01T00:00:00Z", by: "ann", data });
  if ("fault" in read) throw new Error(read.fault);
  return {
    uploadId,
    bring,
    arrive: async () => {
      const { upload } = await bring();
      if (upload) here.files.arrive(upload.key, PICTURE);
      await here.catchUp();
    },
    tell: async () => {
      const outcome = await here.commands.importFacts(admin, { clientMutationId: newKey(), facts: [read.fact] });
      await here.catchUp();
      return outcome;
    },
  };
};

test("a file of an archive whose message never came is deleted, and comes again with a later import", async () => {
  const here = await scene();
  const { uploadId, arrive, bring, tell } = await ofArchive(here);
  await arrive();
  here.pass(HOUR_MS + GRACE_MS);
  // Until it is deleted, nobody begins to bring it again.
  await expect(bring()).rejects.toMatchObject({ code: "UNAVAILABLE" });
  expect(await here.look()).toMatchObject({ done: 1 });
  expect(here.kept(uploadId)).toBe(0);
  expect((await tell()).refused).toMatchObject([{ code: "BAD_INPUT" }]);
  await arrive();
  // Half way, and again: nothing is needed then.
  expect((await bring()).upload).toBeNull();
  expect(await tell()).toMatchObject({ stored: 1, refused: [] });
  expect((await bring()).upload).toBeNull();
  expect(await tell()).toMatchObject({ stored: 0, alreadyThere: 1 });
  here.pass(10 * DAY_MS);
  await here.look();
  expect(here.kept(uploadId)).toBe(2);
  const closedTwice = ["UploadCreated", "UploadClosed", "UploadCreated", "UploadClosed"];
  expect(await here.happened(streams.uploads("ann"))).toEqual(closedTwice);
});

test("a file of an archive is deleted once no message holds it, as any other", async () => {
  const here = await scene();
  const [first, second] = [await ofArchive(here, 1), await ofArchive(here, 2)];
  await first.arrive();
  expect((await first.tell()).stored).toBe(1);
  // The second one forwards it.
  expect((await second.bring()).upload).toBeNull();
  expect((await second.tell()).stored).toBe(1);
  await here.recall(1);
  here.pass(GRACE_MS);
  await here.look();
  expect(here.kept(first.uploadId)).toBe(2);
  await here.recall(2);
  here.pass(GRACE_MS);
  await here.look();
  expect(here.kept(first.uploadId)).toBe(0);
});

test("what an archive brings is not counted as what its sender uploads", async () => {
  const here = await scene();
  const { arrive } = await ofArchive(here);
  await arrive();
  await here.upload();
  const stored = await here.log.read(streams.uploads("ann"), 0, "forwards", 10);
  const events = stored.map((event) => parseEvent(event) as unknown as UploadEvent);
  expect(events.reduce(uploadsDecider.evolve, uploadsDecider.initial).day).toMatchObject({ files: 1 });
});

test("an archive does not get another user's file by its UUID", async () => {
  const here = await scene();
  const id = await here.upload();
  await here.send(id);
  const { id: uuid = "" } = parseUploadId(id) ?? {};
  const admin = { ...caller("operator"), admin: true };
  const about = { name: "old.png", mediaType: "image/png", size: PICTURE.length };
  const message = { conversationId: DIRECT, messageId: "00000000-0000-4000-9000-000000000009" };
  const bring = here.commands.importFile(admin, { clientMutationId: newKey(), uploadId: `u:bob:${uuid}`, ...message, ...about });
  await expect(bring).rejects.toMatchObject({ code: "CONFLICT" });
  here.pass(10 * DAY_MS);
  await here.look();
  expect(here.kept(id)).toBe(2);
});
