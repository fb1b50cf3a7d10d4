/**
 * Operations of all clients that are under way at a time. What arrives beyond that waits as it came, as bytes: an operation under
 * way takes 20 KB, which each collection of garbage copies. So what was begun goes on before more is begun.
 */
const UNDER_WAY = 320;
/** An operation that takes longer than this to twice this does not hold others back any more. */
const LONG_MS = 100;
/** Messages that are taken in one turn of the event loop. */
const IN_A_TURN = 128;
/**
 * Of one client, one after the other: what is answered in the same turn leaves in one write. So there may be as many operations
 * more under way, less one.
 */
const IN_A_ROW = 16;

/** The messages of one client that wait, the oldest first. Nobody else changes it. */
export type Line = (() => void)[];

/**
 * Takes the messages of clients: those of one client in their order, those of different clients by turns, and none while too many
 * operations are under way.
 */
export type Arrivals = {
  /** Takes a message now, or in its client's turn. It must not throw. */
  take(line: Line, message: () => void): void;
  /** An operation has begun. Gives what `ended` must be told when it has ended. */
  began(): number;
  ended(period: number): void;
};

export type ArrivalsOptions = {
  underWay?: number;
  longMs?: number;
  inATurn?: number;
  /** In milliseconds. */
  clock?: () => number;
};

export function arrivals(options: ArrivalsOptions = {}): Arrivals {
  const { underWay = UNDER_WAY, longMs = LONG_MS, inATurn = IN_A_TURN, clock = () => performance.now() } = options;
  /** Messages taken in the present turn. */
  let taken = 0;
  let isTurning = false;
  let late: NodeJS.Timeout | undefined;
  /** Where something waits, each once, in the order of their turns. */
  let lines: Line[] = [];
  /** Operations under way are counted by the period in which they began: this one and the one before. */
  let period = 0;
  let since = clock();
  let now = 0;
  let before = 0;

  const hasRoom = (): boolean => {
    if (now + before < underWay) return true;
    const passed = clock() - since;
    if (passed < longMs) return false;
    // What began two periods ago is forgotten.
    const isLast = passed < 2 * longMs;
    period += isLast ? 1 : 2;
    before = isLast ? now : 0;
    now = 0;
    since += passed;
    return before < underWay;
  };

  const turnSoon = (): void => {
    if (isTurning) return;
    isTurning = true;
    setImmediate(turn);
  };

  const turn = (): void => {
    isTurning = false;
    taken = 0;
    let at = 0;
    for (; at < lines.length && taken < inATurn && hasRoom(); at++) {
      const line = lines[at] as Line;
      for (let count = 0; count < IN_A_ROW && line.length > 0; count++, taken++) (line.shift() as () => void)();
      if (line.length > 0) lines.push(line);
    }
    if (at > 0) lines = lines.slice(at);
    if (taken > 0) turnSoon();
    else if (lines.length > 0)
      late ??= setTimeout(() => {
        late = undefined;
        turnSoon();
      }, longMs).unref();
  };

  return {
    take(line, message) {
      if (lines.length === 0 && taken < inATurn && hasRoom()) {
        taken++;
        turnSoon();
        return message();
      }
      if (line.push(message) > 1) return;
      lines.push(line);
      turnSoon();
    },
    began() {
      now++;
      return period;
    },
    ended(of) {
      if (of === period) now--;
      else if (of === period - 1) before--;
      if (lines.length > 0) turnSoon();
    },
  };
}
