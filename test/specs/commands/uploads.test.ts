import { setImmediate as others } from "node:timers/promises";
import { expect, onTestFinished, test, vi } from "vitest";
import { streams } from "../../../src/domain/ids.ts";
import { Refusal } from "../../../src/domain/refusal.ts";
import type { MemoryFiles } from "../../support/memoryFiles.ts";
import { gate } from "../../support/gate.ts";
import { until } from "../../support/until.ts";
import { caller, group, newKey, profile, text } from "../../support/cast.ts";
import { nodeOver, world } from "../../support/world.ts";

const PICTURE = "png 4x3";

async function scene() {
  const made = world({ lazy: true });
  for (const user of ["ann", "bob"]) await made.commands.register(caller(user), profile(user));
  await made.catchUp();
  const create = async (bytes = PICTURE) => {
    const given = { clientMutationId: newKey(), name: "a.png", mediaType: "image/png", size: bytes.length };
    return (await made.commands.createUpload(caller("ann"), given)).upload;
  };
  const sending = (uploadId: string, more: object = {}) =>
    text({ userId: "bob" }, { kind: "IMAGE", attachments: [{ uploadId }], ...more });
  return { ...made, create, sending };
}

const codeOf = async (work: Promise<unknown>): Promise<string> => {
  const thrown = await work.then(
    () => undefined,
    (error: unknown) => error,
  );
  return thrown instanceof Refusal ? thrown.code : String(thrown);
};

test("a node that keeps no files creates no upload, and goes on with all else", async () => {
  const { log, store, watermark } = await scene();
  const { commands } = nodeOver(log, store, { watermark, files: false });
  const given = { clientMutationId: newKey(), name: "a", mediaType: "text/plain", size: 1 };
  expect(await codeOf(commands.createUpload(caller("ann"), given))).toBe("UNAVAILABLE");
  await commands.sendMessage(caller("ann"), text({ userId: "bob" }));
});

test("what a message holds is what was found, and its id alone", async () => {
  const here = await scene();
  const upload = await here.create();
  here.files.arrive(upload.key, PICTURE);
  await here.commands.sendMessage(caller("ann"), here.sending(upload.id));
  const [sent] = await here.log.read(streams.conversation("d:ann~bob"), 0, "forwards", 1);
  const found = { mediaType: "image/png", size: PICTURE.length, width: 4, height: 3 };
  expect(sent?.data).toMatchObject({
    attachments: [{ file: { id: upload.id, thumbnail: { width: 4, height: 3 } }, name: "a.png", ...found }],
  });
  expect(JSON.stringify(sent)).not.toContain("http");
});

test("who may not send gives no upload away", async () => {
  const here = await scene();
  const upload = await here.create();
  here.files.arrive(upload.key, PICTURE);
  const nobody = { ...here.sending(upload.id), userId: "nobody" };
  expect(await codeOf(here.commands.sendMessage(caller("ann"), nobody))).toBe("NOT_FOUND");
  expect(here.files.looks()).toBe(0);
  await here.commands.sendMessage(caller("ann"), here.sending(upload.id));
});

test("a message that is refused for one of its uploads takes none of them", async () => {
  const here = await scene();
  const [good, bad] = [await here.create("pdf"), await here.create("not a picture")];
  here.files.arrive(good.key, "pdf");
  here.files.arrive(bad.key, "not a picture");
  const both = { kind: "FILE", attachments: [{ uploadId: good.id }, { uploadId: bad.id }] };
  const refused = here.commands.sendMessage(caller("ann"), here.sending(good.id, both));
  await expect(refused).rejects.toMatchObject({ code: "BAD_INPUT", field: "attachments.1.uploadId" });
  await here.commands.sendMessage(caller("ann"), here.sending(good.id, { kind: "FILE" }));
});

test("of two messages at the same moment one has the upload", async () => {
  const here = await scene();
  const upload = await here.create();
  here.files.arrive(upload.key, PICTURE);
  const both = [here.sending(upload.id), here.sending(upload.id)].map((one) =>
    codeOf(here.commands.sendMessage(caller("ann"), one)),
  );
  expect((await Promise.all(both)).sort()).toEqual(["CONFLICT", "undefined"]);
});

/** Looks at files only as far as it is let: one gate for each look that begins, in their order. */
function slowly({ uploads }: MemoryFiles): { gates: ReturnType<typeof gate>[] } {
  const gates: ReturnType<typeof gate>[] = [];
  const { inspector } = uploads;
  uploads.inspector = {
    ...inspector,
    look: async (bytes, draw) => {
      const own = gate();
      gates.push(own);
      await own.passed;
      return inspector.look(bytes, draw);
    },
  };
  return { gates };
}

test("a file that is looked at for long holds up nobody else in the conversation", async () => {
  const here = await scene();
  const start = performance.now();
  let later = 0;
  const clock = vi.spyOn(performance, "now").mockImplementation(() => start + later);
  onTestFinished(() => clock.mockRestore());
  const { gates } = slowly(here.files);
  const [one, other] = [await here.create("pdf"), await here.create("pdf")];
  for (const { key } of [one, other]) here.files.arrive(key, "pdf");
  const send = (uploadId: string) => here.commands.sendMessage(caller("ann"), here.sending(uploadId, { kind: "FILE" }));
  const first = send(one.id);
  await until("the first is looked at", () => gates.length === 1);
  const second = send(other.id);
  for (let turn = 0; turn < 20; turn++) await others();
  // Its rights were asked so long ago that they are asked again before it is stored.
  later = 60_000;
  gates[0]?.open();
  await until("the second is looked at", () => gates.length === 2);
  await first;
  await here.commands.sendMessage(caller("bob"), text({ userId: "ann" }));
  gates[1]?.open();
  await second;
});

test("who is removed while a file is looked at is removed at once, and sends it no more", async () => {
  const here = await scene();
  const { commands } = here;
  const { gates } = slowly(here.files);
  const { conversationId } = await commands.createConversation(caller("bob"), group({ memberIds: ["ann"] }));
  await here.catchUp();
  const upload = await here.create("pdf");
  here.files.arrive(upload.key, "pdf");
  const sending = { ...here.sending(upload.id, { kind: "FILE" }), userId: null, conversationId };
  const sent = codeOf(commands.sendMessage(caller("ann"), sending));
  await until("it is looked at", () => gates.length === 1);
  await commands.removeMembers(caller("bob"), { clientMutationId: newKey(), conversationId, userIds: ["ann"] });
  gates[0]?.open();
  expect(await sent).toMatch(/FORBIDDEN|NOT_FOUND/);
});

test("while the file of a scheduled message is looked at, others are scheduled", async () => {
  const here = await scene();
  const { gates } = slowly(here.files);
  const upload = await here.create("pdf");
  here.files.arrive(upload.key, "pdf");
  const sendAt = new Date(Date.UTC(2024, 0, 3)).toISOString();
  const slow = { ...here.sending(upload.id, { kind: "FILE" }), sendAt };
  const scheduled = here.commands.scheduleMessage(caller("ann"), slow);
  await until("it is looked at", () => gates.length === 1);
  await here.commands.scheduleMessage(caller("ann"), { ...text({ userId: "bob" }), sendAt });
  gates[0]?.open();
  const { position } = await scheduled;
  expect((await here.commands.scheduleMessage(caller("ann"), slow)).position).toBe(position);
  expect(gates).toHaveLength(1);
});

test("a size that is not what was said is refused", async () => {
  const here = await scene();
  const upload = await here.create();
  here.files.arrive(upload.key, `${PICTURE} and more`);
  expect(await codeOf(here.commands.sendMessage(caller("ann"), here.sending(upload.id)))).toBe("BAD_INPUT");
});
