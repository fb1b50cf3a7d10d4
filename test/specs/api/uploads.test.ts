import { existsSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import sharp from "sharp";
import { parseUploadId } from "../../../src/domain/ids.ts";
import { type ApiServer, apiServer } from "../../support/apiServer.ts";
import { type Client, refusal, registeredAll } from "../../support/client.ts";
import { bomb, photo, png } from "../../support/pictures.ts";
import { s3Server, type S3Server } from "../../support/s3Server.ts";
import { until } from "../../support/until.ts";
import { filesOf, put, uploaded } from "../../support/uploading.ts";

const LIMITS = { FILE_SIZE_MAX: "2000000", UPLOADS_WAITING: "3", PICTURE_PIXELS_MAX: "1000000" };

let s3: S3Server;
let servers: Record<"folder" | "s3", ApiServer>;
beforeAll(async () => {
  s3 = await s3Server();
  servers = { folder: await apiServer(LIMITS), s3: await apiServer({ ...LIMITS, FILES_URL: s3.url }) };
});
afterAll(async () => {
  for (const server of Object.values(servers)) await server[Symbol.asyncDispose]();
  await s3[Symbol.asyncDispose]();
});

let people = 0;
let [ann, bob, cat] = [] as unknown as [Client, Client, Client];

describe.each(["folder", "s3"] as const)("files in %s", (kind) => {
  beforeEach(async () => {
    people += 1;
    [ann, bob, cat] = await registeredAll(servers[kind], `ann${people}`, `bob${people}`, `cat${people}`);
  });
  const direct = () => `d:${ann.id}~${bob.id}`;
  const sendTo = (uploadId: string, more: Record<string, unknown> = {}) =>
    ann.act("sendMessage", { userId: bob.id, kind: "FILE", attachments: [{ uploadId }], ...more });
  const shown = async (client: Client, seq: number) => {
    const [file] = (await filesOf(client, direct(), seq)) ?? [];
    if (file === undefined) throw new Error("there is no file");
    return file;
  };
  const got = async (url: string) => {
    const response = await fetch(url);
    return { response, bytes: Buffer.from(await response.arrayBuffer()) };
  };
  /** Whether the bytes of a file are anywhere. */
  const isStored = (uploadId: string): boolean => {
    const id = parseUploadId(uploadId)?.id ?? "";
    const folder = join(servers[kind].config.dataDir, "files");
    if (kind === "s3") return [...s3.objects.keys()].some((key) => key.includes(id));
    return [join(folder, "incoming", id), join(folder, "kept", id.slice(0, 2), id)].some((path) => existsSync(path));
  };

  test("a picture is uploaded, sent, measured, and got by who sees the message", async () => {
    const picture = await png(900, 600);
    const upload = await uploaded(ann, picture, { name: "sea.png", mediaType: "image/jpeg" });
    const { message } = await sendTo(upload.id, { kind: "IMAGE", text: "the sea" });
    expect(message.attachments).toEqual([
      {
        url: expect.any(String) as string,
        name: "sea.png",
        mediaType: "image/png",
        size: picture.length,
        width: 900,
        height: 600,
      },
    ]);
    const file = await shown(bob, message.seq);
    expect(Date.parse(file.expiresAt ?? "")).toBeGreaterThan(Date.now() + 1_700_000);
    const { response, bytes } = await got(file.url);
    expect(response.status).toBe(200);
    expect(response.headers.get("content-type")).toBe("image/png");
    expect(bytes.equals(picture)).toBe(true);
    const small = await sharp((await got(file.thumbnailUrl ?? "")).bytes).metadata();
    expect([small.format, small.width, small.height]).toEqual(["webp", 512, 341]);
  });

  test("a photo is told as it is seen, and its thumbnail does not say where it was taken", async () => {
    const taken = await photo(400, 200);
    expect((await sharp(taken).metadata()).exif?.includes("someone")).toBe(true);
    const { message } = await sendTo((await uploaded(ann, taken, { mediaType: "image/jpeg" })).id);
    const file = await shown(bob, message.seq);
    expect([file.mediaType, file.width, file.height]).toEqual(["image/jpeg", 200, 400]);
    const small = await sharp((await got(file.thumbnailUrl ?? "")).bytes).metadata();
    expect([small.width, small.height, small.exif, small.orientation]).toEqual([200, 400, undefined, undefined]);
  });

  test("the same call again is the same upload, and another file is a conflict", async () => {
    const given = { clientMutationId: "once", name: "a.txt", mediaType: "text/plain", size: 5 };
    const first = await ann.act("createUpload", given);
    expect((await ann.act("createUpload", given)).upload.id).toBe(first.upload.id);
    expect(await refusal(ann.act("createUpload", { ...given, size: 6 }))).toMatchObject({ code: "CONFLICT" });
    expect((await bob.act("createUpload", given)).upload.id).not.toBe(first.upload.id);
  });

  test("a message is sent once, however often, and its upload is no one else's", async () => {
    const upload = await uploaded(ann, "hello", { name: "a.txt", mediaType: "text/plain" });
    const given = { clientMutationId: "once" };
    const [one, same] = await Promise.all([sendTo(upload.id, given), sendTo(upload.id, given)]);
    expect(same.message.seq).toBe(one.message.seq);
    expect((await sendTo(upload.id, given)).message).toMatchObject({ seq: one.message.seq, attachments: [{ size: 5 }] });
    expect(await refusal(sendTo(upload.id))).toMatchObject({ code: "CONFLICT", field: "attachments.0.uploadId" });
    const others = bob.act("sendMessage", { userId: ann.id, kind: "FILE", attachments: [{ uploadId: upload.id }] });
    expect(await refusal(others)).toMatchObject({ code: "NOT_FOUND", field: "attachments.0.uploadId" });
    const another = await uploaded(ann, "other", { name: "b.txt", mediaType: "text/plain" });
    expect(await refusal(sendTo(another.id, given))).toMatchObject({ code: "CONFLICT", field: "clientMutationId" });
  });

  test.each([
    ["never came", undefined, {}, "CONFLICT"],
    ["is a page, whatever it is called", "<!DOCTYPE html><script>alert(1)</script>", {}, "BAD_INPUT"],
    ["is an SVG that is called a PNG", '<svg xmlns="http://www.w3.org/2000/svg"/>', {}, "BAD_INPUT"],
    ["is no film", "PK\u0003\u0004 no film", { mediaType: "video/mp4" }, "BAD_INPUT"],
    ["is a picture of too many pixels", bomb(50_000, 50_000), {}, "LIMIT_EXCEEDED"],
  ] as const)("a file is refused that %s", async (_, bytes, more, code) => {
    const upload =
      bytes === undefined
        ? (await ann.act("createUpload", { name: "a.png", mediaType: "image/png", size: 5 })).upload
        : await uploaded(ann, bytes, more);
    expect(await refusal(sendTo(upload.id))).toMatchObject({ code, field: "attachments.0.uploadId" });
    expect((await ann.messages(direct())).edges).toEqual([]);
  });

  test("a page that says so is sent, and no browser shows it", async () => {
    const page = "<!DOCTYPE html><script>alert(1)</script>";
    const { message } = await sendTo((await uploaded(ann, page, { name: "a.html", mediaType: "text/html" })).id);
    const file = await shown(bob, message.seq);
    expect(file).toMatchObject({ mediaType: "text/html", width: null, thumbnailUrl: null });
    const { response, bytes } = await got(file.url);
    expect(bytes.toString()).toBe(page);
    expect(response.headers.get("content-type")).toBe("application/octet-stream");
    expect(response.headers.get("content-disposition")).toBe("attachment; filename*=UTF-8''a.html");
  });

  test("a long name makes no address that is too long, and keeps its ending", async () => {
    const name = `${"页".repeat(250)}.txt`;
    const { message } = await sendTo((await uploaded(ann, "hello", { name, mediaType: "text/plain" })).id);
    const file = await shown(bob, message.seq);
    expect([file.name, file.url.length < 2_048]).toEqual([name, true]);
    const { response, bytes } = await got(file.url);
    expect(bytes.toString()).toBe("hello");
    expect(response.headers.get("content-disposition")).toMatch(/^attachment; filename\*=UTF-8''(%E9%A1%B5){56}\.txt$/);
  });

  test("bytes that only seem to be a picture are kept as bytes", async () => {
    const half = (await png(100, 100)).subarray(0, 20);
    const { message } = await sendTo((await uploaded(ann, half)).id);
    expect(await shown(bob, message.seq)).toMatchObject({
      mediaType: "application/octet-stream",
      width: null,
      thumbnailUrl: null,
    });
  });

  test("who may not see the message is given no address", async () => {
    const { conversation } = await ann.act("createConversation", { kind: "GROUP", title: "A", memberIds: [bob.id, cat.id] });
    const upload = await uploaded(ann, "hello", { name: "a.txt", mediaType: "text/plain" });
    await ann.act("removeMembers", { conversationId: conversation.id, userIds: [cat.id] });
    const sending = { conversationId: conversation.id, kind: "FILE", attachments: [{ uploadId: upload.id }] };
    const { message } = await ann.act("sendMessage", sending);
    expect((await filesOf(bob, conversation.id, message.seq))?.length).toBe(1);
    expect(await filesOf(cat, conversation.id, message.seq)).toBeUndefined();
  });

  test("who is told of a message at once, by sync or by a subscription is given an address that works", async () => {
    const listening = bob.inbox();
    const upload = await uploaded(ann, "hello", { name: "a.txt", mediaType: "text/plain" });
    await sendTo(upload.id, { text: "with a file" });
    const entry = await listening.until("the message", (told) => told.__typename === "MessageReceived");
    const told = entry.__typename === "MessageReceived" ? entry.message.attachments[0]?.url : undefined;
    expect((await got(told ?? "")).bytes.toString()).toBe("hello");
    const { entries } = await bob.syncAll(null);
    const synced = entries.flatMap((one) => (one.__typename === "MessageReceived" ? one.message.attachments : []));
    expect((await got(synced.at(-1)?.url ?? "")).bytes.toString()).toBe("hello");
    await listening.close();
  });

  test("a scheduled message has its upload from the beginning", async () => {
    const upload = await uploaded(ann, "hello", { name: "a.txt", mediaType: "text/plain" });
    const sendAt = new Date(Date.now() + 86_400_000).toISOString();
    const given = { clientMutationId: "later", userId: bob.id, kind: "FILE", sendAt, attachments: [{ uploadId: upload.id }] };
    const { scheduled } = await ann.act("scheduleMessage", given);
    expect((await got(scheduled[0]?.attachments[0]?.url ?? "")).bytes.toString()).toBe("hello");
    expect((await ann.act("scheduleMessage", given)).scheduled).toHaveLength(1);
    expect(await refusal(ann.act("scheduleMessage", { ...given, kind: "IMAGE" }))).toMatchObject({ code: "CONFLICT" });
    expect(await refusal(sendTo(upload.id))).toMatchObject({ code: "CONFLICT", field: "attachments.0.uploadId" });
  });

  test("what is forwarded is the same file", async () => {
    const upload = await uploaded(ann, "hello", { name: "a.txt", mediaType: "text/plain" });
    const { message } = await sendTo(upload.id);
    const given = { fromConversationId: direct(), seqs: [message.seq], toConversationId: `d:${bob.id}~${cat.id}` };
    const { messages } = await bob.act("forwardMessages", given);
    expect((await got(messages[0]?.attachments[0]?.url ?? "")).bytes.toString()).toBe("hello");
  });

  test("an upload is held to the limits", async () => {
    const creating = (size: number) => ann.act("createUpload", { name: "a.bin", mediaType: "application/octet-stream", size });
    expect(await refusal(creating(2_000_001))).toMatchObject({ code: "LIMIT_EXCEEDED", field: "size" });
    expect(await refusal(creating(0))).toMatchObject({ code: "BAD_INPUT", field: "size" });
    const { upload } = await creating(10);
    for (const length of [9, 11]) expect((await put(upload, Buffer.alloc(length))).ok).toBe(false);
    expect(await refusal(sendTo(upload.id))).toMatchObject({ code: "CONFLICT" });
    await creating(10);
    await creating(10);
    expect(await refusal(creating(10))).toMatchObject({ code: "LIMIT_EXCEEDED" });
    expect((await put(upload, Buffer.alloc(10))).ok).toBe(true);
    expect(isStored(upload.id)).toBe(true);
  });

  test("an attachment is an upload or an address, and an upload is named once", async () => {
    const sending = (attachments: object[]) => refusal(ann.act("sendMessage", { userId: bob.id, kind: "FILE", attachments }));
    const id = "u:nobody:00000000-0000-5000-8000-000000000001";
    expect(await sending([{}])).toMatchObject({ code: "BAD_INPUT", field: "attachments.0.url" });
    expect(await sending([{ uploadId: "a" }])).toMatchObject({ code: "BAD_INPUT", field: "attachments.0.uploadId" });
    expect(await sending([{ uploadId: id, name: "a" }])).toMatchObject({ code: "BAD_INPUT", field: "attachments.0.name" });
    expect(await sending([{ uploadId: id }, { uploadId: id }])).toMatchObject({
      code: "BAD_INPUT",
      field: "attachments.1.uploadId",
    });
    expect(await sending([{ uploadId: id }])).toMatchObject({ code: "NOT_FOUND", field: "attachments.0.uploadId" });
  });
});

test("a store that is away is told, is tried again, and takes nothing else away", async () => {
  const server = servers.s3;
  people += 1;
  [ann, bob] = await registeredAll(server, `ann${people}`, `bob${people}`);
  const upload = await uploaded(ann, "hello", { name: "a.txt", mediaType: "text/plain" });
  const sending = { clientMutationId: "again", userId: bob.id, kind: "FILE", attachments: [{ uploadId: upload.id }] };
  s3.fail(503);
  const ready = async () =>
    (await (await fetch(`${server.address}/ready`)).json()) as { components: Record<string, { ready: boolean }> };
  expect(await refusal(ann.act("sendMessage", sending))).toMatchObject({ code: "UNAVAILABLE" });
  await until("it is told", async () => (await ready()).components["files"]?.ready === false);
  expect((await fetch(`${server.address}/ready`)).status).toBe(200);
  await ann.act("sendMessage", { userId: bob.id, text: "still there" });
  s3.fail(undefined);
  const { message } = await ann.act("sendMessage", sending);
  expect(message.attachments).toHaveLength(1);
  await until("it is well", async () => (await ready()).components["files"]?.ready === true);
});
