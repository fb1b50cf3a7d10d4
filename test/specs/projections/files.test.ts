import { expect, test } from "vitest";
import { dueLists } from "../../../projections/dueLists.ts";
import { files, GRACE_MS } from "../../../projections/files.ts";
import { sliceOf } from "../../../src/projecting/slices.ts";
import {
  expired,
  GROUP,
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

test("a message holds its files, each once, and one without holds nothing", async () => {
  const rows = given(files, sent("ann", withFile), sent("ann"));
  await rows.holds("held", GROUP, { "00000001": { files: [FILE] } });
  await rows.holds("holders", FILE, { [HOLDER]: { conversation: GROUP } });
});

test.each([
  ["recalled", recalled("ann", 1)],
  ["expired", expired(1)],
])("a message that was %s holds none any more, and they are looked at a while later, once", async (_, over) => {
  const rows = given(files, sent("ann", withFile), over);
  await rows.holds("holders", FILE, {});
  const until = new Date(Date.parse(AT) + GRACE_MS).toISOString();
  await rows.holds("held", GROUP, { "00000001": { files: [FILE], until } });
  await rows.holds("due", LIST, { [`${until}~${HOLDER}`]: { files: [FILE], conversation: GROUP, seq: 1 } });
});

test("an append whose outcome is unknown is known by then", () => expect(GRACE_MS).toBeGreaterThan(600_000));

test("a scheduled message holds its files until it is sent or cancelled, also where it failed", async () => {
  const waits = scheduled("ann", SCHEDULE, "2024-02-01T08:00:00.000Z");
  const past = [{ ...waits, data: { ...waits.data, message: { ...waits.data.message, ...withFile } } }];
  const holder = { [`s:ann:${SCHEDULE}`]: { user: "ann" } };
  await given(files, ...past).holds("holders", FILE, holder);
  await given(files, ...past, scheduleFailed("ann", SCHEDULE)).holds("holders", FILE, holder);
  await given(files, ...past, scheduleFailed("ann", SCHEDULE), scheduleCancelled("ann", SCHEDULE)).holds("holders", FILE, {});
  await given(files, ...past, scheduleCancelled("ann", SCHEDULE)).holds("holders", FILE, {});
  await given(files, ...past, scheduleSent("ann", SCHEDULE)).holds("holders", FILE, {});
});
