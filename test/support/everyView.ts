import { createHash } from "node:crypto";
import type { EventData } from "../../src/domain/events.ts";
import { SCHEMA } from "../../src/domain/recorded.ts";
import type { EventStore } from "../../src/ports/eventStore.ts";
import * as happened from "./happened.ts";
import { GROUP, type Happened } from "./happened.ts";

const { registered, sent } = happened;
const SCHEDULED = "5e9f3c1a-8b2d-5c47-9a10-3f6b7d2e4c58";

/** A past of which every view has rows: some of it taken back, and members who left and came back. */
export const everyViewsPast: readonly Happened[] = [
  happened.fanoutLimitSet(3),
  ...["ann", "bob", "cay", "dan"].map((user) => registered(user, { tags: [{ name: "chess", score: 2 }] })),
  happened.handleClaimed("ann", "ann"),
  happened.pushTokenClaimed("ann", "n4bQgYhMfWWaL-qgxVrQFaO_TxsrC4Is0V1sFbDwCgg"),
  happened.deviceAdded("ann", { pushService: "FCM", pushToken: "a-token" }),
  happened.deviceAdded("bob", { deviceId: "tab", kind: "WEB" }),
  happened.deviceRemoved("bob", "tab"),
  happened.locationChanged("ann", { latitude: 1, longitude: 2 }),
  happened.friendshipRequested("ann", "bob", { note: "hello", alias: "Bobby" }),
  happened.requestAccepted("ann", "bob"),
  happened.friendshipBegan("ann", "bob"),
  happened.friendshipRequested("cay", "dan"),
  happened.blocked("dan", "cay"),
  happened.groupCreated("ann"),
  happened.joined("bob"),
  happened.added("cay", "ann"),
  happened.roleChanged("bob", "ADMIN", "ann"),
  happened.joinRequested("dan", 1, "may I?"),
  happened.inviteCreated("i:0123456789abcdefghijklmnop", "ann", { uses: 3 }),
  sent("ann", { clientMutationId: "1", mentions: ["bob"] }),
  sent("bob", { clientMutationId: "2", replyTo: 1 }),
  sent("cay", { clientMutationId: "3", mentionsAll: true }),
  happened.left("cay"),
  sent("ann", { clientMutationId: "4", expiresAfterSeconds: 60 }),
  happened.joined("cay"),
  happened.joinAccepted("dan", "ann"),
  happened.added("dan", "ann"),
  sent("bob", { clientMutationId: "9", expiresAfterSeconds: 60 }),
  // Wider than the fan-out limit now, and no longer.
  sent("ann", { clientMutationId: "5" }),
  happened.fanoutLimitSet(10),
  sent("bob", { clientMutationId: "6", text: "narrow again" }),
  sent("ann", { conversationId: "d:ann~bob", clientMutationId: "7" }),
  sent("bob", { conversationId: "d:ann~bob", clientMutationId: "8", replyTo: 1 }),
  happened.imported("ann"),
  happened.edited("ann", 1, "another"),
  happened.recalled("bob", 2),
  happened.reacted("cay", 1, "👍"),
  happened.pinned("ann", 1),
  happened.expired(4),
  happened.readUpTo("bob", 3),
  happened.preferencesChanged("bob", { muted: true, pinned: true }),
  happened.channelCreated("dan"),
  happened.followed("ann"),
  happened.scheduled("ann", SCHEDULED, "2030-01-01T00:00:00.000Z"),
  happened.scheduled("ann", "5e9f3c1a-8b2d-5c47-9a10-3f6b7d2e4c59", "2030-01-02T00:00:00.000Z"),
  happened.scheduleCancelled("ann", "5e9f3c1a-8b2d-5c47-9a10-3f6b7d2e4c59"),
  happened.circlePut("o:acme", ["ann", "bob"]),
  happened.removed("dan", "ann"),
  happened.webhookPut("w:crm"),
  happened.incomingHookPut("h:ci"),
  happened.silenced("cay", "2030-01-01T00:00:00.000Z", "ann"),
  sent("ann", { clientMutationId: "11", kind: "FILE", attachments: [uploadOf("ann", "5e9f3c1a-8b2d-5c47-9a10-3f6b7d2e4c60")] }),
  happened.reported("cay", 1),
  happened.reported("dan", 3, { reporterId: null, rule: "words" }),
  happened.reportDecided("cay", 1, "ann"),
  happened.banned("dan", "ann"),
  happened.banned("cay", "ann"),
  happened.unbanned("cay", "ann"),
  sent("bob", { clientMutationId: "12", kind: "FILE", attachments: [uploadOf("bob", "5e9f3c1a-8b2d-5c47-9a10-3f6b7d2e4c61")] }),
];

function uploadOf(user: string, id: string): EventData<"MessageSent">["attachments"][number] {
  const file = { id: `u:${user}:${id}`, thumbnail: null };
  return { file, name: "a.txt", mediaType: "text/plain", size: 1, width: null, height: null };
}

/** Appends it to a log. The same events have the same ids, so a second call adds nothing. */
export async function record(log: Pick<EventStore, "append">, past: readonly Happened[] = everyViewsPast): Promise<void> {
  for (const [index, { stream, type, data, actorId, at = "2024-01-02T03:04:05.678Z" }] of past.entries()) {
    const metadata = { $correlationId: "c", $causationId: "c", actorId, at, schema: SCHEMA };
    await log.append(stream, [{ id: idOf(index), type, data, metadata }], "any");
  }
}

const idOf = (index: number): string => {
  const hex = createHash("sha256").update(`${GROUP}${index}`).digest("hex");
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-5${hex.slice(13, 16)}-8${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
};
