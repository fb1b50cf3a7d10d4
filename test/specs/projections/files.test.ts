import { expect, test } from "vitest";
import { dueLists } from "../../../projections/dueLists.ts";
import { files, GRACE_MS } from "../../../projections/files.ts";
import { streams } from "../../../src/domain/ids.ts";
import { sliceOf } from "../../../src/projecting/slices.ts";
import {
  expired,
  GROUP,
  type Happened,
  recalled,
  scheduleCancelled,
  scheduled,
  scheduleFailed,
  scheduleSent,
  sent,
} from "../../support/happened.ts";
import { AT, given } from "../../support/projected.ts";

const FILE = "u:ann:00000000-0000-5000-8000-000000000001";
const SCHEDULE = "00000000-0000-5000-8000-00000000000a";
const attachment = {
  file: { id: FILE, thumbnail: null },
  name: "a",
  mediaType: "text/plain",
  size: 1,
  width: null,
  height: null,
};
const withFile = { kind: "FILE" as const, attachments: [attachment, { ...attachment }] };
const LIST = dueLists[sliceOf(GROUP, dueLists.length)] ?? "";
const HOLDER = `${GROUP}~00000001`;
const until = new Date(Date.parse(AT) + GRACE_MS).toISOString();
const released: Happened = {
  stream: streams.annotation(GROUP, 1),
  type: "FilesReleased",
  data: { conversationId: GROUP, seq: 1 },
  actorId: "~files",
};
const scheduleReleased: Happened = {
  stream: streams.schedule("ann"),
  type: "ScheduleFilesReleased",
  data: { userId: "ann", id: SCHEDULE },
  actorId: "~files",
};

test("a message holds its files, each once, and one without holds nothing", async () => {
  const rows = given(files, sent("ann", withFile), sent("ann"));
  await rows.holds("held", GROUP, { "00000001": { files: [FILE] } });
  await rows.holds("holders", FILE, { [HOLDER]: { conversation: GROUP } });
});

test.each([
  ["recalled", recalled("ann", 1)],
  ["expired", expired(1)],
])("a message that was %s holds its files for a while longer, and then they are looked at, once", async (_, over) => {
  const rows = given(files, sent("ann", withFile), over);
  await rows.holds("holders", FILE, { [HOLDER]: { conversation: GROUP, until } });
  await rows.holds("held", GROUP, { "00000001": { files: [FILE], until } });
  await rows.holds("due", LIST, { [`${until}~${HOLDER}`]: { files: [FILE], conversation: GROUP, seq: 1 } });
  const after = given(files, sent("ann", withFile), over, released);
  for (const [table, partition] of [
    ["holders", FILE],
    ["held", GROUP],
    ["due", LIST],
  ] as const)
    await after.holds(table, partition, {});
});

test("an append whose outcome is unknown is known by then", () => expect(GRACE_MS).toBeGreaterThan(600_000));

test("a scheduled message holds its files until it is sent or cancelled, also where it failed", async () => {
  const waits = scheduled("ann", SCHEDULE, "2024-02-01T08:00:00.000Z");
  const past = [{ ...waits, data: { ...waits.data, message: { ...waits.data.message, ...withFile } } }];
  const holder = { [`s:ann:${SCHEDULE}`]: { user: "ann" } };
  await given(files, ...past).holds("holders", FILE, holder);
  await given(files, ...past, scheduleFailed("ann", SCHEDULE)).holds("holders", FILE, holder);
  const givenUp = { [`s:ann:${SCHEDULE}`]: { user: "ann", until } };
  for (const over of [
    [scheduleFailed("ann", SCHEDULE), scheduleCancelled("ann", SCHEDULE)],
    [scheduleCancelled("ann", SCHEDULE)],
    [scheduleSent("ann", SCHEDULE)],
  ]) {
    await given(files, ...past, ...over).holds("holders", FILE, givenUp);
    await given(files, ...past, ...over, scheduleReleased).holds("holders", FILE, {});
  }
});
