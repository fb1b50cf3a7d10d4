import type { MessagePort } from "node:worker_threads";
import type { ExpectedRevision } from "../../../ports/eventStore.ts";
import type { EventTexts } from "../texts.ts";
import type { Place } from "./position.ts";

export type Append = { number: number; stream: string; expected: ExpectedRevision; events: EventTexts[] };

/**
 * `place`: of the last event, if the server told it. `seen`: the places of all events, if the feed has shown these very events
 * since (see `Appended`).
 */
export type Outcome =
  | { kind: "stored"; revision: number; place: Place | undefined; seen?: readonly Place[] }
  | { kind: "conflict"; actual: number }
  | { kind: "away" | "refused" | "bug"; message: string };

export type ToWriter =
  | { kind: "appends"; appends: Packed[] }
  /** A reader that is to have the feed. */
  | { kind: "reader"; port: MessagePort }
  | { kind: "close" };
/** `stored`: appends that were stored, as `packOutcome` packs them. `others`: all other outcomes, by the append's number. */
export type FromWriter = { kind: "outcomes"; stored: (number | bigint)[]; others: [number: number, outcome: Outcome][] };

// Lists of plain values pass between threads in less than half the time that objects in objects take.

/** An append: its number, its stream, the expected revision, and the texts of its events. */
export type Packed = (string | number)[];

export const packed = ({ number, stream, expected, events }: Append): Packed => [number, stream, expected, ...events.flat()];

export function unpacked([number, stream, expected, ...texts]: Packed): Append {
  const events: EventTexts[] = [];
  for (let at = 0; at < texts.length; at += TEXTS) events.push(texts.slice(at, at + TEXTS) as EventTexts);
  return { number, stream, expected, events } as Append;
}

/** Texts of an event. */
const TEXTS = 4;

/** The outcome of an append that was stored: its number, its revision, how many places were seen, and the places, or the one. */
export function packOutcome(to: (number | bigint)[], number: number, { revision, place, seen }: Stored): void {
  to.push(number, revision, seen?.length ?? 0);
  for (const { commit, prepare } of seen ?? [place]) to.push(commit, prepare);
}

/** Calls `each` for every outcome that was packed. */
export function unpackOutcomes(from: readonly (number | bigint)[], each: (number: number, outcome: Stored) => void): void {
  for (let at = 0; at < from.length;) {
    const [number, revision, seen] = [from[at++], from[at++], from[at++]] as [number, number, number];
    const places: Place[] = [];
    do places.push({ commit: from[at++] as bigint, prepare: from[at++] as bigint });
    while (places.length < seen);
    const place = places[places.length - 1] as Place;
    each(number, { kind: "stored", revision, place, ...(seen > 0 ? { seen: places } : {}) });
  }
}

type Stored = Extract<Outcome, { kind: "stored" }> & { place: Place };

/** The data that the writing thread starts with. */
export type WriterData = { url: string };
