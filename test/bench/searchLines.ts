import { basename } from "node:path";
import { openArchive } from "../../src/commandline/archive.ts";
import { MAX_TEXT } from "../../src/domain/events.ts";
import { archiveFiles } from "./archive.ts";
import { range } from "./seed.ts";

/** What somebody wrote in a room. `sentAt`: milliseconds since 1970. */
export type Line = { room: string; sender: string; topic: string | null; text: string; sentAt: number };

/** Numbers from 0 up to 1, the same ones every time. */
export function chance(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 4_294_967_296;
  };
}

const MAX_TOPIC = 128;
/** Where no archive says when anything was written: two years. */
const YEARS = { from: Date.UTC(2024, 0, 1), to: Date.UTC(2026, 0, 1) };

/** The archives' lines by time, or made-up ones in English and in Chinese where there are none. `name`: where they come from. */
export async function searchLines(): Promise<{ name: string; lines: Line[] }> {
  const files = archiveFiles();
  if (files.length === 0) return { name: "no archive (made-up lines)", lines: madeUp(100_000) };
  const read = await Promise.all(files.map(readLines));
  const times = read.flat().flatMap(({ sentAt }) => (sentAt === null ? [] : [sentAt]));
  const span = times.length === 0 ? YEARS : { from: least(times), to: -least(times.map((time) => -time)) };
  const lines = read.flatMap((archive) =>
    archive.map((line, index) => ({ ...line, sentAt: line.sentAt ?? between(span, index / archive.length) })),
  );
  return {
    name: files.map((file) => basename(file)).join(" and "),
    lines: lines.sort((one, other) => one.sentAt - other.sentAt),
  };
}

const least = (times: readonly number[]): number => times.reduce((one, other) => Math.min(one, other));
const between = ({ from, to }: typeof YEARS, share: number): number => Math.floor(from + (to - from) * share);

async function readLines(file: string): Promise<(Omit<Line, "sentAt"> & { sentAt: number | null })[]> {
  const lines: (Omit<Line, "sentAt"> & { sentAt: number | null })[] = [];
  for await (const line of (await openArchive(file)).lines()) {
    if (!("message" in line)) continue;
    const { conversation: room, sender, topic = null, text, sentAt } = line.message;
    lines.push({
      room: `${basename(file)}/${room}`,
      sender,
      topic: topic?.slice(0, MAX_TOPIC) ?? null,
      text: text.slice(0, MAX_TEXT),
      sentAt: sentAt == null ? null : Date.parse(sentAt),
    });
  }
  return lines;
}

/** Words of a made-up language: few of them make up most of what is written. */
function madeUp(count: number): Line[] {
  const next = chance(7);
  const below = (bound: number) => Math.floor(next() * bound);
  const skewed = (bound: number) => Math.floor(bound * next() ** 4);
  const words = range(20_000).map(() => Array.from({ length: 2 + below(4) }, () => "aeioulnrstdkm"[below(13)]).join("") + "s");
  const character = () => String.fromCodePoint(0x4e00 + skewed(2_000));
  return range(count).map((index) => {
    const isChinese = index % 10 === 0;
    const text = isChinese
      ? Array.from({ length: 5 + below(20) }, character).join("")
      : Array.from({ length: 5 + below(60) }, () => words[skewed(words.length)]).join(" ");
    return {
      room: isChinese ? "聊天" : `room ${below(4)}`,
      sender: `sender ${skewed(1_000)}`,
      topic: isChinese ? null : `topic ${skewed(5_000)}`,
      text,
      sentAt: between(YEARS, index / count),
    };
  });
}
