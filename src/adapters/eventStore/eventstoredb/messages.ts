import type { ExpectedRevision } from "../../../ports/eventStore.ts";
import type { EventTexts } from "../texts.ts";
import type { Place } from "./position.ts";

export type Append = { number: number; stream: string; expected: ExpectedRevision; events: EventTexts[] };

/** `place`: of the last event, if the server told it. */
export type Outcome =
  | { kind: "stored"; revision: number; place: Place | undefined }
  | { kind: "conflict"; actual: number }
  | { kind: "away" | "refused" | "bug"; message: string };

export type ToWriter = { kind: "appends"; appends: Append[] } | { kind: "close" };
export type FromWriter = { kind: "outcomes"; outcomes: [number: number, outcome: Outcome][] };

/** The data that the writing thread starts with. */
export type WriterData = { url: string };
