import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { expect, onTestFinished, test, vi } from "vitest";
import { raw, request } from "../specs/transport/raw.ts";
import { clientOf, refusal, registered } from "../support/client.ts";
import { png } from "../support/pictures.ts";
import { startServer } from "../support/server.ts";
import { until } from "../support/until.ts";
import { filesOf, put } from "../support/uploading.ts";

// Servers are started and ended.
vi.setConfig({ testTimeout: 180_000 });

test("a server that is killed while bytes come has no half file, and what was answered is there", async () => {
  const server = await startServer();
  onTestFinished(() => server.remove());
  const reachable = { address: () => server.address(), token: server.token };
  const ann = await registered(reachable, "ann");
  const bob = await registered(reachable, "bob");
  const picture = await png(700, 500);
  const creating = { clientMutationId: "a picture", name: "a.png", mediaType: "image/png", size: picture.length };
  const sending = { clientMutationId: "a message", userId: "bob", kind: "IMAGE" };
  const incoming = () => readdir(join(server.dataDir, "files", "incoming"));

  const { upload } = await ann.act("createUpload", creating);
  const { port, pathname, search } = new URL(upload.url);
  const client = await raw(Number(port));
  const head = request(`PUT ${pathname}${search} HTTP/1.1`, { "Content-Length": String(picture.length) });
  client.write(Buffer.concat([Buffer.from(head), picture.subarray(0, picture.length / 2)]));
  await until("a part of it is there", async () => (await incoming()).length === 1);
  await server.kill();
  expect(await incoming()).toHaveLength(1);

  await server.start();
  expect(await incoming()).toEqual([]);
  const attachments = [{ uploadId: upload.id }];
  expect(await refusal(ann.act("sendMessage", { ...sending, attachments }))).toMatchObject({ code: "CONFLICT" });
  // The same call again: the server has another port.
  const again = (await ann.act("createUpload", creating)).upload;
  expect(again.id).toBe(upload.id);
  expect((await put(again, picture)).status).toBe(201);
  await server.kill();

  await server.start();
  const { message } = await ann.act("sendMessage", { ...sending, attachments });
  await server.kill();

  await server.start();
  const repeated = await ann.act("sendMessage", { ...sending, attachments });
  expect(repeated.message.seq).toBe(message.seq);
  const seen = await clientOf(reachable, bob.id);
  const [file] = (await filesOf(seen, "d:ann~bob", message.seq)) ?? [];
  expect(file).toMatchObject({ width: 700, height: 500 });
  const bytes = Buffer.from(await (await fetch(file?.url ?? "")).arrayBuffer());
  expect(bytes.equals(picture)).toBe(true);
  expect(server.faults()).toEqual([]);
});
