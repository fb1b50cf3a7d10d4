import type { EventTexts } from "../texts.ts";
import type { Append, Outcome } from "./messages.ts";

/*
 * Appends go to the thread that writes the log through shared memory while that thread waits there, and their outcomes come back
 * through shared memory. When little is sent, a message there and its copy cost as much as to store the event. One group is under
 * way at a time, so each memory has one writer and then one reader.
 */

/** UTF-8 of one group. A longer one goes as a message. */
const TEXT_BYTES = 262_144;
/** A UTF-16 unit takes at most so many bytes. */
const UNIT_BYTES = 3;
/** Appends and events of a group that the numbers have room for. */
const MOST = 1_024;
/** Where the writing thread is; how many appends there are; then three numbers for each of them, and four for each event. */
const NUMBERS = 2 + MOST * 4;
const STATE = 0;
const COUNT = 1;
/** It does not wait here: it is at work, or waits for messages. */
const AWAY = 0;
const WAITING = 1;
const GIVEN = 2;
/** A message is on its way to it: it must not begin to wait here. */
const CALLED = 3;
/** Instead of an expected revision. */
const ANY = -2;

/** Appends that share a transaction. */
export const GROUP_APPENDS = 2048;
/** Of an outcome: its kind, and two numbers. */
const OUTCOME = 3;
const STORED = 0;
const FOUND = 1;
const REFUSED = 2;

/** The memory that both threads share. */
export type Hands = { numbers: Int32Array; text: Uint8Array; outcomes: Float64Array };

export const newHands = (): Hands => ({
  numbers: new Int32Array(new SharedArrayBuffer(NUMBERS * Int32Array.BYTES_PER_ELEMENT)),
  text: new Uint8Array(new SharedArrayBuffer(TEXT_BYTES)),
  outcomes: new Float64Array(new SharedArrayBuffer((1 + GROUP_APPENDS * OUTCOME) * Float64Array.BYTES_PER_ELEMENT)),
});

export type Giving = {
  /** Gives a group to the writing thread if it waits. If this is false, the group must go as a message, at once. */
  give(group: readonly Append[]): boolean;
  /** To be called with each other message, so that it is read. */
  call(): void;
  /** What became of so many appends, once the writing thread has said that it is known. */
  told(count: number): { outcomes: Outcome[]; commitMs: number };
};

/** For the thread that appends. */
export function giving({ numbers, text, outcomes }: Hands): Giving {
  const bytes = Buffer.from(text.buffer);

  /** Writes a group down. Returns whether there is room for it. */
  const write = (group: readonly Append[]): boolean => {
    let at = COUNT;
    let end = 0;
    let units = 0;
    let entries = 0;
    const put = (part: string): void => {
      const size = bytes.write(part, end);
      numbers[at++] = size;
      end += size;
    };
    for (const { stream, events } of group) {
      units += stream.length;
      entries += 1 + events.length;
      for (const event of events) for (const part of event) units += part.length;
      if (units * UNIT_BYTES > TEXT_BYTES || entries > MOST) return false;
    }
    numbers[at++] = group.length;
    for (const { stream, expected, events } of group) {
      numbers[at++] = expected === "any" ? ANY : expected;
      numbers[at++] = events.length;
      put(stream);
      for (const event of events) for (const part of event) put(part);
    }
    return true;
  };

  const call = (): void => {
    if (Atomics.exchange(numbers, STATE, CALLED) === WAITING) Atomics.notify(numbers, STATE);
  };

  return {
    give: (group) => {
      const isWaiting = Atomics.load(numbers, STATE) === WAITING && write(group);
      // Its time may be over by now.
      if (isWaiting && Atomics.compareExchange(numbers, STATE, WAITING, GIVEN) === WAITING) {
        Atomics.notify(numbers, STATE);
        return true;
      }
      call();
      return false;
    },
    call,
    told: (count) => {
      const list: Outcome[] = [];
      for (let at = 1; list.length < count; at += OUTCOME) {
        const [kind, revision = 0, place = 0] = [outcomes[at], outcomes[at + 1], outcomes[at + 2]];
        if (kind === REFUSED) list.push({ actual: revision });
        else list.push(kind === FOUND ? { revision, place, found: true } : { revision, place });
      }
      return { outcomes: list, commitMs: outcomes[0] ?? 0 };
    },
  };
}

export type Taking = {
  /** To be called with each message. */
  called(): void;
  /**
   * Waits up to so many milliseconds for a group, and holds up all else in this thread meanwhile. Undefined if none came, or if a
   * message is to be read.
   */
  take(ms: number): Append[] | undefined;
  /** Notes what became of a group. The other thread must be told that it is there. */
  note(of: readonly Outcome[], commitMs: number): void;
};

/** For the thread that writes the log. */
export function taking({ numbers, text, outcomes }: Hands): Taking {
  const bytes = Buffer.from(text.buffer);

  const read = (): Append[] => {
    let at = COUNT;
    let end = 0;
    const next = (): number => numbers[at++] ?? 0;
    const part = (): string => {
      const begin = end;
      end += next();
      return bytes.toString("utf8", begin, end);
    };
    const group: Append[] = [];
    for (let left = next(); left > 0; left--) {
      const expected = next();
      const count = next();
      const stream = part();
      const events: EventTexts[] = [];
      while (events.length < count) events.push([part(), part(), part(), part()]);
      group.push({ stream, expected: expected === ANY ? "any" : expected, events });
    }
    return group;
  };

  return {
    called: () => void Atomics.store(numbers, STATE, AWAY),
    take: (ms) => {
      if (Atomics.compareExchange(numbers, STATE, AWAY, WAITING) !== AWAY) return undefined;
      Atomics.wait(numbers, STATE, WAITING, ms);
      if (Atomics.exchange(numbers, STATE, AWAY) !== GIVEN) return undefined;
      return read();
    },
    note: (of, commitMs) => {
      outcomes[0] = commitMs;
      let at = 1;
      for (const outcome of of) {
        if ("actual" in outcome) {
          outcomes[at] = REFUSED;
          outcomes[at + 1] = outcome.actual;
        } else {
          outcomes[at] = outcome.found ? FOUND : STORED;
          outcomes[at + 1] = outcome.revision;
          outcomes[at + 2] = outcome.place;
        }
        at += OUTCOME;
      }
    },
  };
}
