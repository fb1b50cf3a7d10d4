const DAY_MS = 86_400_000;

/** Each is made once: making one takes a hundred times as long as using it. */
const FORMATS = {
  clock: { hour: "2-digit", minute: "2-digit" },
  weekday: { weekday: "short" },
  dayOfYear: { month: "short", day: "numeric" },
  date: { year: "numeric", month: "numeric", day: "numeric" },
  dayLine: { weekday: "long", month: "long", day: "numeric" },
  dayLineOfYear: { weekday: "long", month: "long", day: "numeric", year: "numeric" },
  inFull: { dateStyle: "full", timeStyle: "short" },
  day: { dateStyle: "medium" },
  moment: { dateStyle: "short", timeStyle: "short" },
} as const satisfies Record<string, Intl.DateTimeFormatOptions>;
const formats = new Map<string, Intl.DateTimeFormat>();

/** A language of the page, as the reader's browser writes it: British English, say. */
export const localeOf = (language: string): string =>
  navigator.languages.find((tag) => tag.split("-", 1)[0] === language && tag !== language) ?? language;

function format(language: string, name: keyof typeof FORMATS): Intl.DateTimeFormat {
  const key = `${language} ${name}`;
  let made = formats.get(key);
  if (!made) formats.set(key, (made = new Intl.DateTimeFormat(localeOf(language), FORMATS[name])));
  return made;
}

/** The number of a day, by the clock of this machine: the next day has the next one. */
export const dayOf = (date: Date): number => Math.round(Date.UTC(date.getFullYear(), date.getMonth(), date.getDate()) / DAY_MS);

/** How many midnights lie between the two, by the clock of this machine. */
export const daysBetween = (earlier: Date, later: Date): number => dayOf(later) - dayOf(earlier);

export const clock = (language: string, date: Date): string => format(language, "clock").format(date);

/** As short as it can be told: the time of today, the day of this week, else the date. */
export function shortly(language: string, date: Date, now = new Date()): string {
  const days = daysBetween(date, now);
  if (days <= 0) return clock(language, date);
  if (days < 7) return format(language, "weekday").format(date);
  if (date.getFullYear() === now.getFullYear()) return format(language, "dayOfYear").format(date);
  return format(language, "date").format(date);
}

/** The line above a day's messages. `words`: today and yesterday. */
export function dayLine(language: string, date: Date, words: { today: string; yesterday: string }, now = new Date()): string {
  const days = daysBetween(date, now);
  if (days === 0) return words.today;
  if (days === 1) return words.yesterday;
  return format(language, date.getFullYear() === now.getFullYear() ? "dayLine" : "dayLineOfYear").format(date);
}

export const inFull = (language: string, date: Date): string => format(language, "inFull").format(date);

export const day = (language: string, date: Date): string => format(language, "day").format(date);

/** A day and a time, in short. */
export const moment = (language: string, date: Date): string => format(language, "moment").format(date);

/** "5 minutes ago", as coarse as it needs to be. */
export function ago(language: string, date: Date, now = Date.now()): string {
  const relative = new Intl.RelativeTimeFormat(language, { numeric: "auto" });
  const minutes = Math.round((date.getTime() - now) / 60_000);
  if (minutes > -60) return relative.format(Math.min(minutes, 0), "minute");
  if (minutes > -1_440) return relative.format(Math.round(minutes / 60), "hour");
  return relative.format(Math.round(minutes / 1_440), "day");
}

/** A size in bytes, in the unit that fits. */
export function size(language: string, bytes: number): string {
  const units = ["byte", "kilobyte", "megabyte", "gigabyte"] as const;
  const step = Math.min(units.length - 1, bytes < 1 ? 0 : Math.floor(Math.log10(bytes) / 3));
  return new Intl.NumberFormat(language, { style: "unit", unit: units[step] ?? "byte", maximumFractionDigits: 1 }).format(
    bytes / 1_000 ** step,
  );
}
