import type { Load } from "./capacityModel.ts";
import type { Limit, Part, Plan } from "./capacityModel.ts";

const GAP = "  ";

/** A plan on one page of text. */
export function capacityPage(load: Load, plan: Plan): string {
  const { rates, logs, slices, parts, limits, usersAtFirst } = plan;
  const first = limits[0];
  const at = Number.isFinite(usersAtFirst) ? `${countText(usersAtFirst)} users` : "no number of users";
  return [
    `${countText(load.users)} users, at the peak, a second`,
    ...table([
      ["messages sent", countText(rates.sends)],
      ["read marks", countText(rates.marks)],
      ["appends to the log", countText(rates.appends)],
      ["deliveries", countText(rates.deliveries)],
      ["rows written", countText(rates.rows)],
      ["pages of history", countText(rates.pages)],
      ["visits", countText(rates.visits)],
      ["searches", countText(rates.searches)],
      ["connections open", countText(rates.connections)],
    ]),
    "",
    logs === 1
      ? `One Tidings, with ${slices} slices`
      : `${logs} Tidings of their own, each with a log and ${slices} slices; all together`,
    ...table([["part", "nodes", "cores", "memory", "disk"], ...parts.map(partLine)], true),
    "",
    "Limits of one Tidings with all of it, the nearest first",
    ...table(limits.map(limitLine)),
    "",
    `The first limit is ${first?.limit ?? "none"}, with ${at}.`,
    ...(first ? [`Beyond it: ${first.beyond}.`] : []),
  ].join("\n");
}

const partLine = ({ part, nodes, cores, memory, disk }: Part): string[] => [
  part,
  countText(nodes),
  countText(cores),
  bytesText(memory),
  disk === 0 ? "-" : bytesText(disk),
];

const limitLine = ({ limit, wanted, most, unit, used }: Limit): string[] => [
  `${Math.round(used * 100)} %`,
  limit,
  `${amountText(wanted, unit)} of ${amountText(most, unit)}`,
];

const amountText = (value: number, unit: string): string =>
  unit === "B" ? bytesText(value) : `${countText(value)}${unit.startsWith("/") ? unit : ` ${unit}`}`.trimEnd();

/** Lines whose columns stand below each other, indented. `numbers`: all columns but the first are to the right. */
function table(lines: readonly string[][], numbers = false): string[] {
  const widths = (lines[0] ?? []).map((_, column) => Math.max(...lines.map((line) => line[column]?.length ?? 0)));
  return lines.map((line) => {
    const cells = line.map((cell, column) =>
      numbers && column > 0 ? cell.padStart(widths[column] ?? 0) : cell.padEnd(widths[column] ?? 0),
    );
    return `${GAP}${cells.join(GAP)}`.trimEnd();
  });
}

const STEPS = ["", "K", "M", "B"] as const;

/** With three digits at most, such as 950, 6.94K or 10M. */
export function countText(value: number): string {
  if (value < 1 && value > 0) return value.toPrecision(2);
  return stepped(value, STEPS);
}

/** Such as 64 GB or 1.5 TB. */
export const bytesText = (value: number): string => {
  const text = stepped(value / 1e9, ["GB", "TB", "PB", "EB"]);
  return text.replace(/(?=[GTPE]B$)/, " ");
};

function stepped(value: number, units: readonly string[]): string {
  let [scaled, step] = [value, 0];
  // Rounded first: 999,600 is 1M and not 1000K.
  while (Number(scaled.toPrecision(3)) >= 1_000 && step < units.length - 1) [scaled, step] = [scaled / 1_000, step + 1];
  return `${Number(scaled.toPrecision(3))}${units[step] ?? ""}`;
}
