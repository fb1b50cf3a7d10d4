import type { Projection } from "../src/projecting/projection.ts";
import { annotations } from "./annotations.ts";
import { bans } from "./bans.ts";
import { circles } from "./circles.ts";
import { devices } from "./devices.ts";
import { directory } from "./directory.ts";
import { expiries } from "./expiries.ts";
import { files } from "./files.ts";
import { friends } from "./friends.ts";
import { folds } from "./folds.ts";
import { joining } from "./joining.ts";
import { inboxes } from "./inboxes.ts";
import { preferences } from "./preferences.ts";
import { mentions } from "./mentions.ts";
import { pushTargets } from "./pushTargets.ts";
import { readMarks } from "./readMarks.ts";
import { receipts } from "./receipts.ts";
import { reports } from "./reports.ts";
import { relations } from "./relations.ts";
import { threads } from "./threads.ts";
import { schedules } from "./schedules.ts";
import { timelines } from "./timelines.ts";
import { webhooks } from "./webhooks.ts";

/** The projections of the view store: one runner folds the log through all of them and commits them together. */
export const viewProjections: readonly Projection[] = [
  directory,
  devices,
  relations,
  joining,
  timelines,
  inboxes,
  readMarks,
  preferences,
  friends,
  annotations,
  threads,
  receipts,
  mentions,
  folds,
  schedules,
  expiries,
  files,
  circles,
  webhooks,
  reports,
  bans,
  pushTargets,
];
