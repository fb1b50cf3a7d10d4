/**
 * All executions share the event loop. A long execution makes way for others: its next step waits for the next turn of the
 * loop, where every waiting execution gets its share. So a small request is answered while many large ones are in progress.
 */

/** Milliseconds in one turn of the event loop: for one execution, and for all of them together. */
const SHARE_MS = 4;
const TURN_MS = 10;
/** The clock is read once in so many steps. Reading it costs about as much as a small step. */
const STEPS = 16;

/** How much of the current turn an execution has used. */
export type Pace = {
  /**
   * The owner of the execution. Owners get their shares in turn, however many executions each has. If undefined, it counts as
   * an owner of its own.
   */
  readonly owner: string | undefined;
  /** The turn in which its current share began, and the time of that. */
  turn: number;
  since: number;
  steps: number;
  /** The steps that wait for its next share. */
  readonly waiting: (() => void)[];
  isWaiting: boolean;
  /** It was given up, and its waiting steps are dropped. */
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

/** Begins a turn. Each waiting execution gets its share, and each owner's longest waiting one comes first. */
function next(): void {
  turn += 1;
  isTurning = false;
  if (queue.length === 0) return;
  begin();
  const waiting = inTurns(queue);
  queue = [];
  let index = 0;
  for (; index < waiting.length && performance.now() - turnSince < TURN_MS; index += 1) share(waiting[index] as Pace);
  // Those that got no share come before those that did.
  if (index < waiting.length) queue = [...waiting.slice(index), ...queue];
}

/** Takes the executions in rounds: the first of each owner, then the second of each, and so on, in the order of arrival. */
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

/** Whether an execution has used its share of this turn. `weight`: its steps since the last call. */
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

/** Runs a step in the execution's next share, after the steps that already wait. */
export function later(pace: Pace, step: () => void): void {
  pace.waiting.push(step);
  enqueue(pace);
}

/** A page of rows is a heavy step, so the clock is read after each page. */
export const HEAVY = STEPS;
