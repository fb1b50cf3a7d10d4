import type { ExpectedRevision } from "../../../ports/eventStore.ts";
import type { EventTexts } from "../texts.ts";
import type { Place } from "./position.ts";

export type Append = { number: number; stream: string; expected: ExpectedRevision; events: EventTexts[] };

/** `place` is the last event's, where the server told it. */
export type Outcome =
  | { kind: "stored"; revision: number; place: Place | undefined }
  | { kind: "conflict"; actual: number }
  | { kind: "away" | "refused" | "bug"; message: string };

export type ToWriter = { kind: "appends"; appends: Append[] } | { kind: "close" };
export type FromWriter = { kind: "outcomes"; outcomes: [number: number, outcome: Outcome][] };

/** What the writing thread is started with. */
export type WriterData = { url: string };
