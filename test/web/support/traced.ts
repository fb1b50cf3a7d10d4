import type { CDPSession } from "playwright-core";

/** What a page's main thread did meanwhile. A frame takes at least as long as the longest task in it. */
export type Traced = {
  tasks: number;
  /** The longest task: by the clock, and of the processor; in milliseconds. */
  longestMs: number;
  longestCpuMs: number;
  /** What the tasks over 25 ms consisted of, the longest first: for those who look for causes. */
  causes: string[];
};

type TraceEvent = {
  name: string;
  ph: string;
  pid: number;
  tid: number;
  ts: number;
  dur?: number;
  tdur?: number;
  args: Record<string, unknown>;
};

const CATEGORIES = ["toplevel", "devtools.timeline", "disabled-by-default-devtools.timeline", "v8", "__metadata"];
const LONG_US = 25_000;
const PART_US = 2_000;

/** Does something, and tells by the browser's own trace how long the page's main thread was busy at a time. */
export async function traced(session: CDPSession, act: () => Promise<void>): Promise<Traced> {
  const events: TraceEvent[] = [];
  const take = ({ value }: { value: unknown[] }): void => void events.push(...(value as TraceEvent[]));
  session.on("Tracing.dataCollected", take);
  await session.send("Tracing.start", {
    transferMode: "ReportEvents",
    traceConfig: { includedCategories: CATEGORIES, recordMode: "recordAsMuchAsPossible" },
  });
  try {
    await act();
  } finally {
    const complete = new Promise<void>((resolve) => session.once("Tracing.tracingComplete", () => resolve()));
    await session.send("Tracing.end");
    await complete;
    session.off("Tracing.dataCollected", take);
  }
  const placeOf = ({ pid, tid }: TraceEvent): string => `${pid} ${tid}`;
  const main = new Set(
    events.filter(({ name, args }) => name === "thread_name" && args["name"] === "CrRendererMain").map(placeOf),
  );
  const own = events.filter((event) => event.ph === "X" && main.has(placeOf(event)));
  const tasks = own.filter(({ name }) => name.endsWith("RunTask"));
  if (tasks.length === 0) throw new Error("the trace has no task of the page: its names are others now");
  const longest = tasks.toSorted((one, other) => (other.dur ?? 0) - (one.dur ?? 0));
  const insideOf = (task: TraceEvent): string => {
    const inside = own.filter(
      (event) =>
        placeOf(event) === placeOf(task) &&
        event !== task &&
        !event.name.endsWith("RunTask") &&
        event.ts >= task.ts &&
        event.ts < task.ts + (task.dur ?? 0) &&
        (event.dur ?? 0) >= PART_US,
    );
    const parts = inside.map(({ name, dur = 0 }) => `${name} ${Math.round(dur / 1_000)}`);
    return `${Math.round((task.dur ?? 0) / 1_000)} ms (${Math.round((task.tdur ?? 0) / 1_000)} of the processor): ${parts.join(", ")}`;
  };
  return {
    tasks: tasks.length,
    longestMs: tasks.reduce((most, { dur = 0 }) => Math.max(most, dur), 0) / 1_000,
    longestCpuMs: tasks.reduce((most, { tdur = 0 }) => Math.max(most, tdur), 0) / 1_000,
    causes: longest
      .filter(({ dur = 0 }) => dur >= LONG_US)
      .slice(0, 4)
      .map(insideOf),
  };
}

/** What a page holds, once what nobody uses is gone. */
export async function held(session: CDPSession): Promise<{ heapMb: number; nodes: number }> {
  await session.send("Performance.enable");
  await session.send("HeapProfiler.collectGarbage");
  const { metrics } = await session.send("Performance.getMetrics");
  const valueOf = (name: string): number => metrics.find((metric) => metric.name === name)?.value ?? Number.NaN;
  return { heapMb: valueOf("JSHeapUsedSize") / 1_000_000, nodes: valueOf("Nodes") };
}
