/*
 * The event loop belongs to everyone. An execution that goes on for long gives way: what it would do next waits for the next
 * turn of the loop, in which every execution that waits gets its share. So a request that asks for little is answered while
 * many that ask for much are worked on.
 */

/** What one execution may do in one turn of the event loop, and all of them together, in milliseconds. */
const SHARE_MS = 4;
const TURN_MS = 10;
/** Steps between two looks at the clock: a look costs about as much as a small step. */
const STEPS = 16;

/** Where an execution stands in the turn. */
export type Pace = {
  /**
   * Whose it is: those of one user get their shares in turn with those of others, however many they are. None: it is one of
   * its own.
   */
  readonly owner: string | undefined;
  /** Of the turn in which it began its share, and when. */
  turn: number;
  since: number;
  steps: number;
  /** What waits for its next share. */
  readonly waiting: (() => void)[];
  isWaiting: boolean;
  /** It was given up: what waits is never done. */
  isOver: boolean;
};

export const newPace = (owner?: string): Pace => ({
  owner,
  turn: 0,
  since: 0,
  steps: 0,
  waiting: [],
  isWaiting: false,
  isOver: false,
});

let turn = 1;
let turnSince = 0;
let isTurning = false;
let queue: Pace[] = [];

function begin(): void {
  if (isTurning) return;
  isTurning = true;
  turnSince = performance.now();
  setImmediate(next);
}

/** Begins a turn, and gives each that waits its share of it, the longest waiting of each owner first. */
function next(): void {
  turn += 1;
  isTurning = false;
  if (queue.length === 0) return;
  begin();
  const waiting = inTurns(queue);
  queue = [];
  let index = 0;
  for (; index < waiting.length && performance.now() - turnSince < TURN_MS; index += 1) share(waiting[index] as Pace);
  // Those that had no share come before those that did.
  if (index < waiting.length) queue = [...waiting.slice(index), ...queue];
}

/** One of each owner's after the other: the first of all, then the second ones, in the order in which they came. */
function inTurns(waiting: readonly Pace[]): readonly Pace[] {
  const rounds: Pace[][] = [];
  const counts = new Map<string, number>();
  for (const pace of waiting) {
    const { owner } = pace;
    const round = (owner !== undefined && counts.get(owner)) || 0;
    if (owner !== undefined) counts.set(owner, round + 1);
    (rounds[round] ??= []).push(pace);
  }
  return rounds.flat();
}

function share(pace: Pace): void {
  pace.isWaiting = false;
  const { waiting } = pace;
  pace.turn = turn;
  pace.since = performance.now();
  let done = 0;
  while (done < waiting.length && !pace.isOver) {
    (waiting[done] as () => void)();
    done += 1;
    if (performance.now() - pace.since > SHARE_MS) break;
  }
  if (pace.isOver) waiting.length = 0;
  else waiting.splice(0, done);
  if (waiting.length > 0) enqueue(pace);
}

function enqueue(pace: Pace): void {
  if (pace.isWaiting) return;
  pace.isWaiting = true;
  queue.push(pace);
  begin();
}

/** Whether an execution has had its share of this turn. `weight`: steps that it did since this was asked last. */
export function hasHadShare(pace: Pace, weight = 1): boolean {
  pace.steps += weight;
  if (pace.steps < STEPS) return false;
  pace.steps = 0;
  begin();
  const now = performance.now();
  if (pace.turn !== turn) {
    pace.turn = turn;
    pace.since = now;
  }
  return now - pace.since > SHARE_MS || now - turnSince > TURN_MS;
}

/** Does something in the execution's next share, after all that waits for it already. */
export function later(pace: Pace, step: () => void): void {
  pace.waiting.push(step);
  enqueue(pace);
}

/** A page of rows is a heavy step: the clock is looked at after each. */
export const HEAVY = STEPS;
