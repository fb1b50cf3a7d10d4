import type { ViewStore } from "../src/ports/viewStore.ts";
import type { Blocked } from "../src/projecting/blocked.ts";
import { generationOf, type Projection, readerOf } from "../src/projecting/projection.ts";
import { annotationReads, annotations } from "./annotations.ts";
import { banReads, bans } from "./bans.ts";
import { circleReads, circles } from "./circles.ts";
import { deviceReads, devices } from "./devices.ts";
import { directory, directoryReads } from "./directory.ts";
import { expiries, expiryReads } from "./expiries.ts";
import { fileReads, files } from "./files.ts";
import { friendReads, friends } from "./friends.ts";
import { foldReads, folds } from "./folds.ts";
import { inboxes } from "./inboxes.ts";
import { inboxReads } from "./inboxReads.ts";
import { preferenceReads, preferences } from "./preferences.ts";
import { mentionReads, mentions } from "./mentions.ts";
import { joining, joiningReads } from "./joining.ts";
import { pushTargetReads, pushTargets } from "./pushTargets.ts";
import { readMarks, readMarkReads } from "./readMarks.ts";
import { receiptReads, receipts } from "./receipts.ts";
import { relationReads } from "./relationReads.ts";
import { relations } from "./relations.ts";
import { reportReads, reports } from "./reports.ts";
import { threadReads, threads } from "./threads.ts";
import { scheduleReads, schedules } from "./schedules.ts";
import { timelineReads, timelines } from "./timelines.ts";
import { webhookReads, webhooks } from "./webhooks.ts";

/**
 * The read functions of every view. `reading` names the generation of a projection that is read now. It may throw if there is
 * none: then what needs its rows rejects. Default: the first generation of the version that this code declares. `isBlocked`:
 * whether events of a key are parked, so that its rows grant nothing.
 */
export function readViews(
  store: Pick<ViewStore, "get" | "getMany" | "range"> & Partial<Pick<ViewStore, "partitions">>,
  reading: (projection: Projection) => string = (of) => generationOf(of),
  isBlocked: Blocked["isBlocked"] = () => false,
) {
  const reader = (projection: Projection) => readerOf(store, () => reading(projection));
  // Of a store that cannot tell it is taken to.
  const holdsAny = (projection: Projection) => async (table: string) =>
    store.partitions === undefined || (await store.partitions(`${reading(projection)}/${table}`, "", 1)).length > 0;
  return {
    directory: directoryReads(reader(directory)),
    relations: relationReads(reader(relations), (key) => isBlocked(relations.name, key)),
    joining: joiningReads(reader(joining)),
    timelines: timelineReads(reader(timelines)),
    inboxes: inboxReads(reader(inboxes)),
    readMarks: readMarkReads(reader(readMarks)),
    annotations: annotationReads(reader(annotations)),
    mentions: mentionReads(reader(mentions)),
    receipts: receiptReads(reader(receipts)),
    threads: threadReads(reader(threads)),
    devices: deviceReads(reader(devices)),
    preferences: preferenceReads(reader(preferences)),
    friends: friendReads(reader(friends), (key) => isBlocked(friends.name, key)),
    circles: circleReads(reader(circles)),
    folds: foldReads(reader(folds)),
    schedules: scheduleReads(reader(schedules)),
    expiries: expiryReads(reader(expiries)),
    files: fileReads(reader(files)),
    webhooks: webhookReads(reader(webhooks)),
    reports: reportReads(reader(reports)),
    bans: banReads(reader(bans)),
    pushTargets: pushTargetReads(reader(pushTargets), holdsAny(pushTargets)),
  };
}

export type Views = ReturnType<typeof readViews>;
