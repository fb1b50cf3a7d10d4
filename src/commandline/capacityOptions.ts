import { FIGURES, type FigureName, type Figures, usualFigures } from "./capacityFigures.ts";
import type { Load } from "./capacityModel.ts";

type Kind = "number" | "share" | "span" | "size";

/** An option of `tidings capacity`. `usual`: its default, as one would write it; it must be given where that is undefined. */
export type CapacityOption = { name: string; kind: Kind; usual?: string; least: number; most: number; about: string };

const UNITS: Record<Kind, Readonly<Record<string, number>>> = {
  number: { "": 1, K: 1e3, M: 1e6, B: 1e9, G: 1e9 },
  share: { "": 1, "%": 0.01 },
  span: { "": 1, D: 1, Y: 365 },
  size: { "": 1, M: 1e6, G: 1e9, T: 1e12 },
};

const FORMS: Record<Kind, string> = {
  number: "a number, such as 500, 2.5K or 10M",
  share: "a share, such as 40% or 0.4",
  span: "days or years, such as 90d or 3y",
  size: "bytes, such as 64G or 4T",
};

/** By the members of a load. */
export const CAPACITY_OPTIONS = {
  users: { name: "users", kind: "number", least: 1, most: 1e10, about: "people who have an account" },
  sendsPerDay: {
    name: "sends-per-day",
    kind: "number",
    usual: "20",
    least: 0,
    most: 100_000,
    about: "messages that each of them sends a day",
  },
  peak: { name: "peak", kind: "number", usual: "3", least: 1, most: 1_000, about: "the busiest minute, in times of the mean" },
  online: { name: "online", kind: "share", usual: "20%", least: 0, most: 1, about: "users connected at the peak" },
  devices: { name: "devices", kind: "number", usual: "1.5", least: 1, most: 100, about: "connections of each of those" },
  groupShare: { name: "group-share", kind: "share", usual: "40%", least: 0, most: 1, about: "messages that go to groups" },
  groupSize: { name: "group-size", kind: "number", usual: "20", least: 2, most: 100_000, about: "members of their groups" },
  fanoutLimit: { name: "fanout-limit", kind: "number", usual: "50", least: 0, most: 100_000, about: "FANOUT_LIMIT" },
  marks: {
    name: "marks",
    kind: "share",
    usual: "20%",
    least: 0,
    most: 1,
    about: "received messages that a read mark of their own is appended for",
  },
  messageBytes: { name: "message-bytes", kind: "number", usual: "80", least: 1, most: 65_536, about: "bytes of a text" },
  pagesPerDay: {
    name: "pages-per-day",
    kind: "number",
    usual: "30",
    least: 0,
    most: 100_000,
    about: "pages of history that a user opens a day",
  },
  visitsPerDay: {
    name: "visits-per-day",
    kind: "number",
    usual: "10",
    least: 0,
    most: 100_000,
    about: "times a day that a client loads the list and syncs",
  },
  searchesPerDay: {
    name: "searches-per-day",
    kind: "number",
    usual: "0.5",
    least: 0,
    most: 100_000,
    about: "searches of a user a day",
  },
  retentionDays: {
    name: "retention",
    kind: "span",
    usual: "365d",
    least: 1,
    most: 36_500,
    about: "how much history the disks shall hold",
  },
  inboxDays: { name: "inbox-ttl", kind: "span", usual: "90d", least: 1, most: 36_500, about: "INBOX_TTL" },
  busy: { name: "busy", kind: "share", usual: "60%", least: 0.01, most: 1, about: "how busy cores may be at the peak" },
  machineCores: {
    name: "machine-cores",
    kind: "number",
    usual: "64",
    least: 1,
    most: 1_024,
    about: "cores of the largest machine",
  },
  machineMemory: { name: "machine-memory", kind: "size", usual: "512G", least: 1e9, most: 1e14, about: "its memory" },
  machineDisk: { name: "machine-disk", kind: "size", usual: "64T", least: 1e9, most: 1e16, about: "its disk" },
} as const satisfies Record<keyof Load, CapacityOption>;

/** How its value is shown in the help. */
export const formOf = ({ kind }: CapacityOption): string =>
  ({ number: "<number>", share: "<share>", span: "<time>", size: "<bytes>" })[kind];

/** A number with a unit of its kind. Undefined: it is none. */
function valueOf(kind: Kind, text: string): number | undefined {
  const match = /^(\d+(?:\.\d+)?)\s*([a-z%]?)$/i.exec(text.trim());
  const unit = match && UNITS[kind][(match[2] ?? "").toUpperCase()];
  return unit === undefined || unit === null ? undefined : Number(match?.[1]) * unit;
}

/**
 * What was asked for: the load, and the figures with those that were given instead. Throws one `Error` that names all that is
 * wrong.
 */
export function readCapacity(
  given: Readonly<Record<string, string | undefined>>,
  replaced: readonly string[] = [],
): { load: Load; figures: Figures } {
  const faults: string[] = [];
  const values = Object.entries(CAPACITY_OPTIONS).map(([member, option]: [string, CapacityOption]) => {
    const { name, kind, usual, least, most } = option;
    const text = given[member] ?? usual;
    const value = text === undefined ? undefined : valueOf(kind, text);
    if (text === undefined) faults.push(`--${name} must be given: ${option.about}, ${FORMS[kind]}`);
    else if (value === undefined) faults.push(`--${name} must be ${FORMS[kind]}, not "${text}"`);
    else if (value < least || value > most)
      faults.push(`--${name} must be from ${shownAs(kind, least)} to ${shownAs(kind, most)}, not "${text}"`);
    return [member, value] as const;
  });
  const figures = usualFigures();
  for (const text of replaced) {
    const [name = "", value = ""] = text.split("=", 2);
    const number = valueOf("number", value);
    if (!(name in FIGURES)) faults.push(`--with knows no "${name}": one of ${Object.keys(FIGURES).join(", ")}`);
    else if (number === undefined || number === 0)
      faults.push(`--with ${name} needs a number above 0, such as ${name}=${FIGURES[name as FigureName].value}`);
    else figures[name as FigureName] = number;
  }
  if (faults.length > 0) throw new Error(`these options are wrong:\n${faults.map((fault) => `  ${fault}`).join("\n")}`);
  return { load: Object.fromEntries(values) as Load, figures };
}

function shownAs(kind: Kind, value: number): string {
  if (kind === "share") return `${value * 100}%`;
  if (kind === "span") return `${value}d`;
  return kind === "size" ? `${value / 1e9}G` : String(value);
}
