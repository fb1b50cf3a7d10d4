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

type Waiting = { job: Job; settle: () => void; fail: (error: unknown) => void };

/**
 * Who commits as holders of leases. With little to do, a transaction costs far more than what it writes: so small commits of all
 * leases of this thread that come while another one is under way are one transaction. Large ones have a connection for each
 * lease.
 * `open`: makes a writer that looks for leases.
 */
export function createHolders(open: () => Writer): Open<Pick<SharedViews, "heldBy">> {
  const shared = open();
  let waiting: Waiting[] = [];
  let isAtWork = false;

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

  const work = async (): Promise<void> => {
    isAtWork = true;
    // What comes in the same turn of the event loop goes along.
    await turn();
    while (waiting.length > 0) {
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
      if (!isAtWork) void work();
    });

  return {
    heldBy: (lease) => {
      let own: Writer | undefined;
      return {
        commit: (writes, moves = []) => {
          const job = { writes, moves, lease };
          return isSmall(writes) ? commitShared(job) : (own ??= open()).commit([job]);
        },
        close: async () => own?.close(),
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
