/** What was measured, beside the floor that the machine or the transport set in the same run. */
export type Figure = {
  name: string;
  unit: "ops/s" | "rows/s" | "events/s" | "messages/s" | "frames/s" | "ms" | "µs" | "s" | "kB" | "B" | "MiB" | "events" | "";
  measured: number;
  floor?: number;
  /** The least share of the floor's speed that counts as met: 1 is the floor itself. */
  goal?: number;
  /** The most that may be measured, where the goal is no share of a floor. */
  most?: number;
  /** The least that must be measured, beside the goal. */
  least?: number;
  note?: string;
};

/** Of these, less is better. */
const COSTS: ReadonlySet<Figure["unit"]> = new Set(["ms", "µs", "s", "kB", "B", "MiB"]);

/** How much of the floor's speed was reached: 1 is the floor itself, more is faster than it. */
export function ratioOf({ measured, floor, unit }: Figure): number | undefined {
  if (floor === undefined) return undefined;
  return COSTS.has(unit) ? floor / measured : measured / floor;
}

export function isMet(figure: Figure): boolean | undefined {
  if (figure.most !== undefined) return figure.measured <= figure.most;
  const ratio = ratioOf(figure);
  if (figure.least !== undefined && figure.measured < figure.least) return false;
  return figure.goal === undefined || ratio === undefined ? undefined : ratio >= figure.goal;
}

const HEAD = ["", "measured", "floor", "ratio", "goal", "met", ""];

/** A compact table, a line for each figure. */
export function tableOf(name: string, figures: readonly Figure[]): string {
  const lines = figures.map((figure) => {
    const { unit, measured, floor, most, note = "" } = figure;
    const met = isMet(figure);
    return [
      figure.name,
      amount(measured, unit),
      floor === undefined ? "" : amount(floor, unit),
      ratioOf(figure)?.toFixed(2) ?? "",
      most === undefined ? goalOf(figure) : `≤ ${amount(most, unit)}`,
      met === undefined ? "" : met ? "yes" : "NO",
      note,
    ];
  });
  const all = [[name, ...HEAD.slice(1)], ...lines];
  const widths = HEAD.map((_, column) => Math.max(...all.map((line) => [...(line[column] ?? "")].length)));
  return all
    .map((line) =>
      line
        .map((cell, column) => padded(cell, widths[column] ?? 0, column))
        .join("  ")
        .trimEnd(),
    )
    .join("\n");
}

const goalOf = ({ goal, least, unit }: Figure): string =>
  [...(goal === undefined ? [] : [`≥ ${amount(goal, "")}`]), ...(least === undefined ? [] : [`≥ ${amount(least, unit)}`])].join(
    ", ",
  );

function padded(cell: string, width: number, column: number): string {
  const space = " ".repeat(Math.max(0, width - [...cell].length));
  return column === 0 || column === HEAD.length - 1 ? cell + space : space + cell;
}

/** A number with three significant digits, or none after the point. */
export function amount(value: number, unit: Figure["unit"]): string {
  const number =
    Math.abs(value) >= 100 || Number.isInteger(value)
      ? Math.round(value).toLocaleString("en")
      : String(Number.parseFloat(value.toPrecision(3)));
  return unit === "" ? number : `${number} ${unit}`;
}

/** The usual note: latencies in milliseconds. */
export const latencies = (p50: number, p99: number): string => `p50 ${amount(p50, "ms")}, p99 ${amount(p99, "ms")}`;
