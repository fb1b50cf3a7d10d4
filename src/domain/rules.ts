import unhomoglyph from "unhomoglyph";
import { z } from "zod";
import { ruleName } from "./events.ts";
import { kindOf, userId } from "./ids.ts";
import { isLonger } from "./text.ts";

/*
 * Rules that messages are held to before they are sent (docs/moderation.md). Nothing here is a pattern that whoever writes a
 * rule or a message could make slow: a message is judged in time that grows with its length.
 */

const text = (most: number) =>
  z
    .string()
    .trim()
    .min(1)
    .refine((given) => !isLonger(given, most), `at most ${most} characters`);

/** What every rule has. */
const common = {
  name: ruleName,
  /** refuse: it is not sent. report: it is sent, and reported by the rule. */
  action: z.enum(["refuse", "report"]),
  /** What its sender is told, or the reason of the report. */
  message: text(512),
  /** Only in these; absent: everywhere. */
  in: z
    .array(z.enum(["DIRECT", "GROUP", "CHANNEL"]))
    .min(1)
    .optional(),
  /** Users whom it does not hold for. */
  exempt: z.array(userId).max(10_000).default([]),
};

const seconds = z
  .int()
  .min(1)
  .max(7 * 86_400);
const host = z
  .string()
  .max(253)
  .transform((given, context) => {
    const found = hostIn(given);
    if (found?.includes(".")) return found;
    context.addIssue({ code: "custom", message: "a host, such as example.org: without https:// and without a path" });
    return z.NEVER;
  });
const hosts = z.array(host).min(1).max(10_000);

const words = z.strictObject({ ...common, kind: z.literal("words"), words: z.array(text(64)).min(1).max(20_000) });
const links = z
  .strictObject({ ...common, kind: z.literal("links"), only: hosts.optional(), never: hosts.optional() })
  .refine(({ only, never }) => (only === undefined) !== (never === undefined), "give one of `only` and `never`");
const rate = z.strictObject({
  ...common,
  kind: z.literal("rate"),
  /** So many are sent in so many seconds; the next one is one too many. */
  messages: z.int().min(1).max(1_000),
  seconds,
  per: z.enum(["user", "conversation", "user in conversation"]),
});
const duplicates = z.strictObject({
  ...common,
  kind: z.literal("duplicates"),
  /** The same text is sent so often in so many seconds by one user, wherever; the next one is one too many. */
  times: z.int().min(1).max(1_000),
  seconds,
  /** Shorter texts are often the same. */
  leastCharacters: z.int().min(1).max(16_384).default(10),
});

export const ruleFile = z
  .strictObject({
    /** Users whom no rule holds for. */
    exempt: z.array(userId).max(10_000).default([]),
    rules: z.array(z.discriminatedUnion("kind", [words, links, rate, duplicates])).max(100),
  })
  .superRefine(({ rules }, context) => {
    const names = new Set<string>();
    for (const [index, { name }] of rules.entries()) {
      if (names.has(name))
        context.addIssue({ code: "custom", path: ["rules", index, "name"], message: `another rule is called ${name}` });
      names.add(name);
    }
  });

export type RuleFile = z.output<typeof ruleFile>;
export type Rule = RuleFile["rules"][number];

/** A message that is to be sent, or the new text of one. `urls`: of its files. `atMs`: when, in milliseconds since 1970. */
export type Judged = {
  conversationId: string;
  senderId: string;
  text: string | null;
  urls: readonly string[];
  atMs: number;
  isEdit: boolean;
};

/** What the rules say. `refusedBy`: the first rule that refuses it. `retryAfterMs`: when it may be tried again. */
export type Verdict = { refusedBy?: Rule; retryAfterMs?: number; reportedBy: readonly Rule[] };

/** When messages were sent that are counted, by what is counted. It may forget what was asked for longest ago. */
export type Memory = { get(key: string): readonly number[] | undefined; set(key: string, times: readonly number[]): void };

/** Rules made ready. */
export type Rules = { judge(message: Judged, memory: Memory): Verdict };

const NOTHING: Verdict = { reportedBy: [] };

/** What is looked at more than once is made once. */
type Seen = Judged & { folded(): string; hosts(): { links: readonly string[]; bare: readonly string[] } };

type Hit = { retryAfterMs?: number };
type Ready = {
  rule: Rule;
  exempt: ReadonlySet<string>;
  hit(seen: Seen, memory: Memory): Hit | undefined;
  /** Counts a message that is sent. */
  note?(seen: Seen, memory: Memory): void;
};

export function readyRules(file: RuleFile): Rules {
  const everywhere = new Set(file.exempt);
  const all = file.rules.map((rule): Ready => ({ rule, exempt: new Set(rule.exempt), ...readyOf(rule) }));

  return {
    judge: (message, memory) => {
      const { conversationId, senderId, isEdit } = message;
      if (everywhere.has(senderId)) return NOTHING;
      const kind = kindOf(conversationId);
      const seen = seenOf(message);
      const holding = all.filter(
        ({ rule, exempt, note }) => !exempt.has(senderId) && rule.in?.includes(kind) !== false && !(isEdit && note),
      );
      const reportedBy: Rule[] = [];
      for (const { rule, hit } of holding) {
        const found = hit(seen, memory);
        if (found === undefined) continue;
        if (rule.action === "refuse") return { refusedBy: rule, ...found, reportedBy: [] };
        reportedBy.push(rule);
      }
      for (const { note } of holding) note?.(seen, memory);
      return reportedBy.length === 0 ? NOTHING : { reportedBy };
    },
  };
}

function seenOf(message: Judged): Seen {
  let folded: string | undefined;
  let hosts: ReturnType<Seen["hosts"]> | undefined;
  return {
    ...message,
    folded: () => (folded ??= foldedText(message.text ?? "")),
    hosts: () => (hosts ??= hostsIn(message.text ?? "", message.urls)),
  };
}

function readyOf(rule: Rule): Pick<Ready, "hit" | "note"> {
  switch (rule.kind) {
    case "words": {
      const has = wordsIn(rule.words);
      return { hit: (seen) => (has(seen.folded()) ? {} : undefined) };
    }
    case "links": {
      const [only, never] = [rule.only && new Set(rule.only), rule.never && new Set(rule.never)];
      return {
        hit: (seen) => {
          const { links, bare } = seen.hosts();
          const isHit = only ? links.some((each) => !isOf(only, each)) : [...links, ...bare].some((each) => isOf(never, each));
          return isHit ? {} : undefined;
        },
      };
    }
    case "rate": {
      const { per } = rule;
      return counting(rule.messages, rule.seconds, ({ senderId, conversationId }) =>
        [rule.name, per === "conversation" ? "" : senderId, per === "user" ? "" : conversationId].join(" "),
      );
    }
    case "duplicates":
      return counting(rule.times, rule.seconds, (seen) =>
        isLonger(seen.text ?? "", rule.leastCharacters - 1)
          ? [rule.name, seen.senderId, hashOf(seen.folded())].join(" ")
          : undefined,
      );
  }
}

/** `keyOf`: what is counted together; undefined: it is not counted. */
function counting(
  most: number,
  within: number,
  keyOf: (seen: Seen) => string | undefined,
): Required<Pick<Ready, "hit" | "note">> {
  const spanMs = within * 1_000;
  return {
    hit: (seen, memory) => {
      const key = keyOf(seen);
      const times = key === undefined ? undefined : memory.get(key);
      // Of the newest so many, the oldest is the one that must be over.
      const first = times?.[times.length - most];
      return first === undefined || seen.atMs - first >= spanMs ? undefined : { retryAfterMs: first + spanMs - seen.atMs };
    },
    note: (seen, memory) => {
      const key = keyOf(seen);
      if (key !== undefined) memory.set(key, [...(memory.get(key) ?? []), seen.atMs].slice(-most));
    },
  };
}

const ASCII = /^\p{ASCII}*$/u;

/**
 * A text so that what looks alike is alike: by NFKC, in small letters, without what shows nothing and without accents, and with
 * letters of other scripts as those that they look like. The look of handles (`lookOf`) is more exact about marks, in time that
 * grows with the square of how many there are.
 */
export function foldedText(text: string): string {
  const plain = text
    .normalize("NFKC")
    .toLowerCase()
    .normalize("NFD")
    .replace(/[\u0300-\u036f\p{Default_Ignorable_Code_Point}]/gu, "")
    .normalize("NFC");
  if (ASCII.test(plain)) return plain;
  return Array.from(plain, alike).join("").toLowerCase();
}

/** What a character looks like. The table says that `m` itself looks like `rn`. */
function alike(character: string): string {
  if (ASCII.test(character)) return character;
  if (character === "ς") return "σ";
  const look = unhomoglyph(character);
  return look === "rn" ? "m" : look;
}

/** Written without spaces between words: a word may begin and end at each. */
const UNSPACED = /[\p{scx=Han}\p{scx=Hira}\p{scx=Kana}\p{scx=Hang}\p{scx=Thai}\p{scx=Khmr}\p{scx=Laoo}\p{scx=Mymr}]/u;
const IN_WORDS = /[\p{L}\p{M}\p{N}]/u;

type Node = { next: Map<string, Node>; isEnd: boolean };

/** Whether one of the words is in a text (both folded), as a whole word, by a tree of them: no more steps than their length. */
function wordsIn(words: readonly string[]): (folded: string) => boolean {
  const root: Node = { next: new Map(), isEnd: false };
  for (const word of words) {
    let node = root;
    for (const unit of foldedText(word).split("")) {
      const next = node.next.get(unit) ?? { next: new Map<string, Node>(), isEnd: false };
      node.next.set(unit, next);
      node = next;
    }
    // One that is nothing once it is folded is in no text.
    node.isEnd = node !== root;
  }

  return (folded) => {
    const isInWord = (index: number): boolean => {
      const unit = folded[index];
      return unit !== undefined && IN_WORDS.test(unit) && !UNSPACED.test(unit);
    };
    let wasInWord = false;
    for (let start = 0; start < folded.length; start++) {
      const isInside = isInWord(start);
      if (!(wasInWord && isInside)) {
        let node = root.next.get(folded[start] as string);
        for (let end = start; node !== undefined; node = node.next.get(folded[++end] ?? ""))
          if (node.isEnd && !(isInWord(end) && isInWord(end + 1))) return true;
      }
      wasInWord = isInside;
    }
    return false;
  };
}

/** A host at the beginning of a text: a name, or an address of IPv6. */
const HOST_AHEAD = /^(?:\.*[\p{L}\p{M}\p{N}%_-][\p{L}\p{M}\p{N}.%_-]*|\[[\da-f.:]+\])/u;

/** The longest name of a host. */
const HOST_MAX = 253;

/** A host in the one form that it has, or undefined. */
function hostIn(given: string): string | undefined {
  if (given.length > HOST_MAX) return undefined;
  const bare = given.toLowerCase().replace(/^\.+|\.+$/g, "");
  if (/^[a-z0-9.-]+$/.test(bare)) return bare;
  try {
    const { hostname, host: all, pathname } = new URL(`http://${bare}`);
    return all === hostname && pathname === "/" ? hostname : undefined;
  } catch {
    return undefined;
  }
}

/** Whether a host, or one that it is part of, is among these. */
function isOf(hosts: ReadonlySet<string> | undefined, host: string): boolean {
  for (let part = host; ;) {
    if (hosts?.has(part)) return true;
    const dot = part.indexOf(".");
    if (dot < 0) return false;
    part = part.slice(dot + 1);
  }
}

/** The hosts of links in a text and of files, and what looks like a host without a scheme. */
function hostsIn(given: string, urls: readonly string[]): { links: string[]; bare: string[] } {
  const text = [given, ...urls]
    .join("\n")
    .normalize("NFKC")
    .toLowerCase()
    .replace(/\p{Default_Ignorable_Code_Point}/gu, "")
    .replaceAll("。", ".");
  const [links, bare]: [string[], string[]] = [[], []];
  const add = (to: string[], host: string): void => {
    const found = hostIn(host);
    if (found?.includes(".")) to.push(found);
  };
  for (const [, authority = ""] of text.matchAll(/:\/\/([^\s/?#\\<>"'()]*)/gu)) {
    // What stands around an address in a sentence, or marks it, is no part of it.
    const [host] = HOST_AHEAD.exec(authority.slice(authority.lastIndexOf("@") + 1)) ?? [];
    // One that is a number leads somewhere too. One that cannot be read is none of those that are named.
    if (host !== undefined) links.push(hostIn(host) ?? "");
  }
  for (const [host] of text.matchAll(/[\p{L}\p{M}\p{N}.-]+/gu))
    if (host.includes(".")) add(host.startsWith("www.") ? links : bare, host);
  return { links, bare };
}

/** 64 bits of FNV-1a: two texts of one user hardly ever have the same. */
function hashOf(text: string): string {
  let [one, other] = [0x811c9dc5, 0x01000193];
  for (let index = 0; index < text.length; index++) {
    const unit = text.charCodeAt(index);
    one = Math.imul(one ^ unit, 0x01000193);
    other = Math.imul(other ^ unit, 0x85ebca6b) ^ (other >>> 15);
  }
  return (one >>> 0).toString(36) + (other >>> 0).toString(36).padStart(7, "0");
}
