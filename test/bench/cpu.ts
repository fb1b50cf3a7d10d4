import { existsSync, readdirSync, readFileSync } from "node:fs";
import { median } from "./measure.ts";

/** Milliseconds of this process so far: on a core, and waiting for one that others had. `main`: of its main thread alone. */
export type CpuTime = { main: number; all: number; waited: number };

const TASKS = "/proc/self/task";

function taskTime(id: string): [ran: number, waited: number] {
  const [ran = 0, waited = 0] = readFileSync(`${TASKS}/${id}/schedstat`, "utf8").split(" ").map(Number);
  return [ran / 1e6, waited / 1e6];
}

/** Undefined where the system does not tell (other than Linux). */
export function cpuTime(): CpuTime | undefined {
  if (!existsSync(`${TASKS}/${process.pid}/schedstat`)) return undefined;
  const times = readdirSync(TASKS).map(taskTime);
  return {
    main: taskTime(String(process.pid))[0],
    all: times.reduce((sum, [ran]) => sum + ran, 0),
    waited: times.reduce((sum, [, waited]) => sum + waited, 0),
  };
}

/**
 * What so many operations cost between two readings: microseconds each, and the share of the time that threads could have run but
 * waited.
 */
export type CpuCost = { main: number; all: number; waiting: number };

export function cpuCost(before: CpuTime | undefined, after: CpuTime | undefined, operations: number): CpuCost | undefined {
  if (!before || !after) return undefined;
  const all = after.all - before.all;
  const waited = after.waited - before.waited;
  return {
    main: ((after.main - before.main) * 1_000) / operations,
    all: (all * 1_000) / operations,
    waiting: waited / (all + waited),
  };
}

/** The median of some costs, to be put behind other figures; nothing where none are known. */
export function costText(costs: readonly CpuCost[]): string {
  if (costs.length === 0) return "";
  const of = (part: keyof CpuCost) => median(costs.map((cost) => cost[part]));
  return `, CPU ${of("main").toFixed(0)} µs of the main thread and ${of("all").toFixed(0)} in all, ${(of("waiting") * 100).toFixed(0)} % waiting for a core`;
}

/** Microseconds of each operation by what the threads do, between two readings of `threadTimes`; those that did something. */
export function costByThread(
  before: Readonly<Record<string, number>>,
  after: Readonly<Record<string, number>>,
  operations: number,
): Record<string, number> {
  return Object.fromEntries(
    Object.entries(after).map(([name, ms]) => [name, ((ms - (before[name] ?? 0)) * 1_000) / operations] as const),
  );
}

/** The medians of such costs, the greatest first. */
export function threadsText(costs: readonly Readonly<Record<string, number>>[]): string {
  const names = [...new Set(costs.flatMap((cost) => Object.keys(cost)))];
  return names
    .map((name) => [name, median(costs.map((cost) => cost[name] ?? 0))] as const)
    .filter(([, cost]) => cost >= 0.5)
    .sort(([, one], [, other]) => other - one)
    .map(([name, cost]) => `${name} ${cost.toFixed(0)}`)
    .join(", ");
}
