import { existsSync, readFileSync } from "node:fs";
import type { BarePostgres } from "./barePostgres.ts";
import { median } from "./measure.ts";

/**
 * What PostgreSQL itself takes of a processor: of all its processes, also those that write behind. Nothing is known where it does
 * not run on this machine.
 */
export type PostgresCpu = {
  /** Does the work, and notes what each of the `count` things took of which it tells how many there were. */
  during<T>(work: () => Promise<T>, count: (result: T) => number): Promise<T>;
  /** The median of what was noted, to be put behind other figures. */
  text(what: string): string;
};

export function postgresCpu(bare: BarePostgres): PostgresCpu {
  const noted: number[] = [];
  const times = async (): Promise<Map<number, number>> => {
    const known = (await bare.processes()).filter((pid) => isPostgres(pid));
    return new Map(known.map((pid) => [pid, Number(readFileSync(`/proc/${pid}/schedstat`, "utf8").split(" ", 1)[0]) / 1_000]));
  };
  return {
    during: async (work, count) => {
      const before = await times();
      const result = await work();
      const after = await times();
      const micros = [...after].reduce((sum, [pid, ran]) => sum + ran - (before.get(pid) ?? 0), 0);
      if (after.size > 0) noted.push(micros / count(result));
      return result;
    },
    text: (what) => (noted.length === 0 ? "" : `${what}, CPU of PostgreSQL: ${median(noted).toFixed(1)} µs`),
  };
}

/** Of another machine, a process of that number may be anything. */
const isPostgres = (pid: number): boolean =>
  existsSync(`/proc/${pid}/schedstat`) && readFileSync(`/proc/${pid}/comm`, "utf8").startsWith("postgres");
