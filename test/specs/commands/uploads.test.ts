import { expect, test } from "vitest";
import { streams } from "../../../src/domain/ids.ts";
import { Refusal } from "../../../src/domain/refusal.ts";
import { caller, newKey, profile, text } from "../../support/cast.ts";
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

test("of two messages at the same moment one has the upload", async () => {
  const here = await scene();
  const upload = await here.create();
  here.files.arrive(upload.key, PICTURE);
  const both = [here.sending(upload.id), here.sending(upload.id)].map((one) =>
    codeOf(here.commands.sendMessage(caller("ann"), one)),
  );
  expect((await Promise.all(both)).sort()).toEqual(["CONFLICT", "undefined"]);
});

test("a size that is not what was said is refused", async () => {
  const here = await scene();
  const upload = await here.create();
  here.files.arrive(upload.key, `${PICTURE} and more`);
  expect(await codeOf(here.commands.sendMessage(caller("ann"), here.sending(upload.id)))).toBe("BAD_INPUT");
});
