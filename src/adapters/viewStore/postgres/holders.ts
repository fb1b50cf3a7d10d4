import { setImmediate as turn } from "node:timers/promises";
import type { Open } from "../../../ports/awaitable.ts";
import { Unavailable } from "../../../ports/faults.ts";
import type { SharedViews } from "../../../ports/leases.ts";
import type { Write } from "../../../ports/viewStore.ts";
import type { Job, Writer } from "./writer.ts";

/** Commits of at most so many writes share a transaction: what several slices do at the same moment. */
const SMALL = 100;
/** So many of them at most. */
const TOGETHER = 64;
/** How long a commit waits for those of the other leases, in milliseconds. Who has rows to read first comes later. */
const GATHER_MS = 3;

type Waiting = { job: Job; settle: () => void; fail: (error: unknown) => void };

/**
 * Who commits as holders of leases. With little to do, a transaction costs far more than what it writes: so small commits of all
 * leases of this thread that come while another one is under way, or soon after each other, are one transaction. Large ones have
 * a connection for each lease.
 * `open`: makes a writer that looks for leases. `gatherMs`: how long a commit waits until all leases have one.
 */
export function createHolders(open: () => Writer, gatherMs = GATHER_MS): Open<Pick<SharedViews, "heldBy">> {
  const shared = open();
  let waiting: Waiting[] = [];
  let isAtWork = false;
  /** How many leases there are of which more may come. */
  let held = 0;
  let gathered = (): void => {};

  const alone = async ({ job, settle, fail }: Waiting): Promise<void> => shared.commit([job]).then(settle, fail);

  const together = async (all: readonly Waiting[]): Promise<void> => {
    try {
      // By their slices: whoever renews the leases locks them in this order, too.
      await shared.commit(all.map(({ job }) => job).sort((one, other) => sliceOf(one) - sliceOf(other)));
      for (const { settle } of all) settle();
    } catch (error) {
      // What is wrong with one of them is no fault of the others.
      if (!(error instanceof Unavailable)) for (const each of all) await alone(each);
      else for (const { fail } of all) fail(error);
    }
  };

  /** Resolves when all leases have a commit that waits, or after a moment. */
  const gather = (): Promise<void> =>
    new Promise((resolve) => {
      gathered = () => {
        if (waiting.length < held) return;
        clearTimeout(late);
        resolve();
      };
      const late = setTimeout(resolve, gatherMs);
      gathered();
    });

  const work = async (): Promise<void> => {
    isAtWork = true;
    while (waiting.length > 0) {
      // What comes in the same turn of the event loop goes along, too.
      await turn();
      await gather();
      const some = waiting.slice(0, TOGETHER);
      waiting = waiting.slice(TOGETHER);
      const unsure = some.filter(({ job }) => shared.isUnsure(job));
      for (const each of unsure) await alone(each);
      const sure = some.filter((each) => !unsure.includes(each));
      const [only] = sure;
      if (sure.length > 1) await together(sure);
      else if (only) await alone(only);
    }
    isAtWork = false;
  };

  const commitShared = (job: Job): Promise<void> =>
    new Promise((settle, fail) => {
      waiting.push({ job, settle, fail });
      if (isAtWork) gathered();
      else void work();
    });

  return {
    heldBy: (lease) => {
      let own: Writer | undefined;
      let isOpen = true;
      held++;
      return {
        commit: (writes, moves = []) => {
          const job = { writes, moves, lease };
          return isSmall(writes) ? commitShared(job) : (own ??= open()).commit([job]);
        },
        close: async () => {
          if (isOpen) held--;
          isOpen = false;
          gathered();
          await own?.close();
        },
      };
    },
    close: shared.close,
  };
}

const sliceOf = ({ lease }: Job): number => lease?.slice ?? 0;

function isSmall(writes: readonly Write[]): boolean {
  let rows = 0;
  for (const write of writes) if ((rows += write.op === "putEach" ? write.partitions.length : 1) > SMALL) return false;
  return true;
}
