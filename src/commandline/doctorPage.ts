import { bytesText } from "../ports/texts.ts";
import type { Condition, ProjectionCondition } from "../server/examine.ts";
import { type Finding, lagText } from "./diagnosis.ts";

/** The longest error text that is shown of a parked event. */
const ERROR_CHARACTERS = 100;
const GAP = "  ";

/** Everything on one page of text. `where`: whom it was learnt from. */
export function doctorPage(where: string, condition: Condition, findings: readonly Finding[]): string {
  const { version, components, disk, parked } = condition;
  const parts = components.map(({ role, kind, version: of = "", bytes, reachable, detail = "" }) => [
    role,
    `${kind} ${of}`.trim(),
    sizeText(bytes),
    reachable ? detail : `NOT WELL: ${detail}`,
  ]);
  const room = disk ? `${bytesText(disk.freeBytes)} free of ${bytesText(disk.totalBytes)}` : "unknown";
  const sections = [
    [`Tidings ${version}, ${where}`],
    table(["part", "is", "size", ""], [...parts, ["disk", room, "", ""]]),
    table(["projection", "state", "behind", "parked", "generation", "size"], projectionLines(condition)),
    titled("other generations", otherLines(condition)),
    titled(
      "parked events (the first ones)",
      parked.map(({ projection, cursor, type, parkedAt, error }) => [
        projection,
        type,
        `parked ${parkedAt}`,
        cursor,
        beginning(error),
      ]),
    ),
    titled(
      "to do",
      findings.map(({ severity, about, text }) => [severity, about, text]),
    ),
    [endText(findings)],
  ];
  return shown(
    sections
      .filter((lines) => lines.length > 0)
      .map((lines) => lines.join("\n"))
      .join("\n\n"),
  );
}

function projectionLines({ projections, generations }: Condition): string[][] {
  return projections.map((projection) => {
    const read = generations.find(({ projection: of, state }) => of === projection.name && state === "READ");
    const { name, lag, parked } = projection;
    return [name, stateText(projection), lagText(lag), String(parked), read?.name ?? "none", sizeText(read?.bytes)];
  });
}

const otherLines = ({ generations }: Condition): string[][] =>
  generations
    .filter(({ state }) => state !== "READ")
    .map(({ name, state, bytes }) => [
      name,
      state === "BUILDING" ? "is being built" : "is left, and will be removed",
      sizeText(bytes),
    ]);

const stateText = ({ state, progress }: ProjectionCondition): string =>
  `${state === "IDLE" ? "no server" : state.toLowerCase()}${progress === undefined ? "" : ` ${Math.floor(progress * 100)} %`}`;

function endText(findings: readonly Finding[]): string {
  const faults = findings.filter(({ severity }) => severity === "FAULT").length;
  const warnings = findings.length - faults;
  return findings.length === 0 ? "All is well." : `${faults} faults, ${warnings} warnings`;
}

const sizeText = (bytes: number | undefined): string => (bytes === undefined ? "" : bytesText(bytes));

/** The beginning of a text as one line. */
const beginning = (text: string): string => text.replace(/\s+/g, " ").slice(0, ERROR_CHARACTERS);

const titled = (title: string, rows: readonly string[][]): string[] =>
  rows.length === 0 ? [] : [title, ...columns(rows).map((line) => GAP + line)];

const table = (titles: string[], rows: readonly string[][]): string[] => columns([titles, ...rows]);

/** Lines whose columns are as wide as what stands in them. */
function columns(rows: readonly string[][]): string[] {
  const widths: number[] = [];
  for (const row of rows) for (const [index, cell] of row.entries()) widths[index] = Math.max(widths[index] ?? 0, cell.length);
  return rows.map((row) =>
    row
      .map((cell, index) => cell.padEnd(widths[index] ?? 0))
      .join(GAP)
      .trimEnd(),
  );
}

/** Errors may hold what users wrote. A terminal would follow control characters. */
const shown = (text: string): string => text.replace(/[^\P{C}\n]/gu, "?");
