import { describe, expect, test } from "vitest";
import { servedAs, typeOf } from "../../../src/domain/mediaTypes.ts";
import { type Command, decider as uploads, type Event } from "../../../src/domain/uploads.ts";
import { given } from "../../support/given.ts";

const idOf = (number: number) => `00000000-0000-5000-8000-${String(number).padStart(12, "0")}`;
const MESSAGE = "11111111-0000-5000-8000-000000000000";
const OTHER = "22222222-0000-5000-8000-000000000000";
const limits = { size: 1_000, waiting: 2, files: 4, bytes: 1_500 };
const AT = "2024-01-02T08:00:00.000Z";
const times = (day = "02") => ({
  createdAt: `2024-01-${day}T08:00:00.000Z`,
  expiresAt: `2024-01-${day}T09:00:00.000Z`,
  keptUntil: `2024-01-${String(Number(day) + 1).padStart(2, "0")}T08:00:00.000Z`,
});
const file = (size = 10) => ({ name: "a.png", mediaType: "image/png", size });
const found = { mediaType: "image/png", size: 10, width: 4, height: 3, thumbnail: null };

const create = (number = 1, more: Partial<Extract<Command, { type: "Create" }>> = {}): Command => ({
  type: "Create",
  limits,
  userId: "ann",
  id: idOf(number),
  ...file(),
  ...times(),
  ...more,
});
const send = (number = 1, messageId = MESSAGE, at = AT): Command => ({
  type: "Send",
  at,
  userId: "ann",
  id: idOf(number),
  messageId,
  ...found,
});
const close = (number = 1, at = "2030-01-01T00:00:00.000Z"): Command => ({ type: "Close", at, userId: "ann", id: idOf(number) });
const created = (number = 1, size = 10, day = "02"): Event => ({
  type: "UploadCreated",
  data: { userId: "ann", id: idOf(number), ...file(size), ...times(day) },
});
const sent = (number = 1, messageId = MESSAGE): Event => ({
  type: "UploadSent",
  data: { userId: "ann", id: idOf(number), messageId, ...found },
});
const closed = (number = 1): Event => ({ type: "UploadClosed", data: { userId: "ann", id: idOf(number) } });

describe("an upload", () => {
  test("is created within the limits", () => given(uploads).when(create()).then(created()));
  test.each([
    ["a size of nothing", { size: 0 }, "BAD_INPUT", "size"],
    ["too many bytes", { size: 1_001 }, "LIMIT_EXCEEDED", "size"],
    ["a name in which nothing can be seen", { name: "\u200b" }, "BAD_INPUT", "name"],
    ["no media type", { mediaType: "png" }, "BAD_INPUT", "mediaType"],
  ] as const)("is refused with %s", (_, more, code, field) => given(uploads).when(create(1, more)).refused(code, { field }));
  test("has a name that seems to have no other ending than it has", () =>
    given(uploads)
      .when(create(1, { name: "gnp.\u202eexe" }))
      .then({ ...created(), data: { ...created().data, name: "gnp.exe" } } as Event));
  test("is refused where as many wait as may, and not because of those that are too late or were sent", () => {
    given(uploads, created(1), created(2))
      .when(create(3))
      .refused("LIMIT_EXCEEDED", { saying: /at most 2/ });
    given(uploads, created(1), created(2), sent(2)).when(create(3)).then(created(3));
    given(uploads, created(1), created(2))
      .when(create(3, times("03")))
      .then(created(3, 10, "03"));
  });
  test("is refused where too many, or too many bytes, came on the same day, whatever became of them", () => {
    const four = [1, 2, 3, 4].flatMap((number) => [created(number), closed(number)]);
    given(uploads, ...four)
      .when(create(5))
      .refused("LIMIT_EXCEEDED", { saying: /at most 4 files/ });
    given(uploads, ...four)
      .when(create(5, times("03")))
      .then(created(5, 10, "03"));
    given(uploads, created(1, 900), closed(1))
      .when(create(2, file(601)))
      .refused("LIMIT_EXCEEDED", { saying: /1500 bytes/ });
    given(uploads, created(1, 900), closed(1))
      .when(create(2, file(600)))
      .then(created(2, 600));
  });
});

describe("sending", () => {
  test("gives it to one message, once", () => {
    given(uploads, created()).when(send()).then(sent());
    given(uploads, created(), sent()).when(send()).nothing();
    given(uploads, created(), sent())
      .when(send(1, OTHER))
      .refused("CONFLICT", { saying: /forward/ });
  });
  test("is refused for what is not there, is closed, or has waited for too long", () => {
    given(uploads).when(send()).refused("NOT_FOUND");
    given(uploads, created(), closed()).when(send()).refused("NOT_FOUND");
    given(uploads, created())
      .when(send(1, MESSAGE, "2024-01-03T08:00:00.000Z"))
      .refused("NOT_FOUND");
    given(uploads, created(), sent())
      .when(send(1, MESSAGE, "2024-01-03T08:00:00.000Z"))
      .refused("NOT_FOUND");
  });
});

test("closing happens once", () => {
  given(uploads, created()).when(close()).then(closed());
  given(uploads, created(), closed()).when(close()).nothing();
});

test.each([
  ["image/png", "image/png", "image/png"],
  ["image/png", "image/jpeg", "image/jpeg"],
  // A page or a picture made of program text, named as a picture.
  ["image/png", undefined, undefined],
  ["image/png", "application/xml", undefined],
  ["application/pdf", undefined, undefined],
  ["video/mp4", "application/zip", undefined],
  ["application/octet-stream", "image/png", "image/png"],
  ["text/html", undefined, "text/html"],
  ["text/html", "image/png", "image/png"],
  ["image/svg+xml", undefined, "image/svg+xml"],
  ["image/svg+xml", "application/xml", "image/svg+xml"],
  ["application/vnd.oasis.opendocument.text", "application/zip", "application/vnd.oasis.opendocument.text"],
  ["audio/webm", "video/webm", "audio/webm"],
  ["audio/mp4", "video/mp4", "audio/mp4"],
  ["TEXT/Plain", undefined, "text/plain"],
])("what is said to be %s and has content of %s is %s", (said, content, is) => expect(typeOf(said, content)).toBe(is));

test("browsers are shown only what runs nothing", () => {
  for (const safe of [
    "image/png",
    "image/jpeg",
    "image/gif",
    "image/webp",
    "image/avif",
    "audio/mpeg",
    "video/mp4",
    "application/pdf",
  ])
    expect(servedAs(safe)).toBe(safe);
  for (const other of [
    "text/html",
    "image/svg+xml",
    "application/xhtml+xml",
    "text/javascript",
    "text/plain",
    "application/xml",
    "x/y",
  ])
    expect(servedAs(other)).toBe("application/octet-stream");
});
