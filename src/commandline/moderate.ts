import type { Config } from "../config.ts";
import { judgedAs, ruleMemory } from "../commands/judging.ts";
import { parseEvent } from "../domain/recorded.ts";
import type { Judged, Memory, Rule, Rules } from "../domain/rules.ts";
import { type EventStore, fractionOf } from "../ports/eventStore.ts";
import { readLog } from "../server/log.ts";
import { readRules } from "../server/rules.ts";
import type { Terminal } from "./import.ts";
import { showPercent } from "./progress.ts";

/** Events that are read at a time. */
const PAGE = 1_000;
/** Messages of each rule that are shown, and how much of each. */
const SAMPLES = 5;
const SAMPLE_CHARACTERS = 120;
/** So many senders of each rule are counted by themselves, and so many are shown. */
const SENDERS = 10_000;
const SENDERS_SHOWN = 10;

const TYPES: ReadonlySet<string> = new Set(["MessageSent", "MessageEdited"]);

/** A message that a rule would have refused or reported. `seq`: of the message. */
export type Sample = { conversationId: string; seq: number; senderId: string; at: string; edit: boolean; text: string | null };

/** What a rule would have done. `senders`: whose messages, most first; `otherSenders`: how many messages of others. */
export type RuleFindings = {
  rule: string;
  kind: Rule["kind"];
  action: Rule["action"];
  messages: number;
  senders: { senderId: string; messages: number }[];
  otherSenders: number;
  samples: Sample[];
};

export type Findings = { messages: number; edits: number; refused: number; reported: number; rules: RuleFindings[] };

type Counted = Omit<RuleFindings, "senders" | "otherSenders"> & { by: Map<string, number> };

/** What rules would have done with the messages of a log, as they were sent: those that are refused count for nothing. */
export async function judgeLog(
  log: Pick<EventStore, "origin" | "readAll">,
  until: string,
  rules: Rules,
  options: {
    since: string;
    memory?: Memory;
    judged?: (message: Judged, refusedBy: string | undefined) => void;
    at?: (position: string) => void;
  },
): Promise<Findings> {
  const { since, memory = ruleMemory(), judged, at } = options;
  const found = new Map<string, Counted>();
  const all = { messages: 0, edits: 0, refused: 0, reported: 0 };
  const note = ({ name, kind, action }: Rule, { text, ...sample }: Sample): void => {
    const counted = found.get(name) ?? { rule: name, kind, action, messages: 0, by: new Map<string, number>(), samples: [] };
    found.set(name, counted);
    counted.messages += 1;
    const before = counted.by.get(sample.senderId);
    if (before !== undefined || counted.by.size < SENDERS) counted.by.set(sample.senderId, (before ?? 0) + 1);
    if (counted.samples.length < SAMPLES)
      counted.samples.push({
        ...sample,
        text: text === null ? null : [...text.slice(0, 2 * SAMPLE_CHARACTERS)].slice(0, SAMPLE_CHARACTERS).join(""),
      });
  };

  for (let place = log.origin; place < until;) {
    const page = await log.readAll(place, PAGE, TYPES);
    for (const stored of page.events) {
      if (stored.position > until || stored.metadata.at < since) continue;
      const event = parseEvent(stored);
      if (event?.type !== "MessageSent" && event?.type !== "MessageEdited") continue;
      // What comes from elsewhere is held to no rule.
      if (event.imported || (event.type === "MessageSent" && event.data.imported)) continue;
      const isEdit = event.type === "MessageEdited";
      const { conversationId, senderId, text } = event.data;
      const seq = isEdit ? event.data.seq : event.revision + 1;
      const message = judgedAs(event.data, Date.parse(event.at), isEdit);
      const { refusedBy, reportedBy } = rules.judge(message, memory);
      judged?.(message, refusedBy?.name);
      all[isEdit ? "edits" : "messages"] += 1;
      if (refusedBy) all.refused += 1;
      else if (reportedBy.length > 0) all.reported += 1;
      for (const rule of refusedBy ? [refusedBy] : reportedBy)
        note(rule, { conversationId, seq, senderId, at: event.at, edit: isEdit, text });
    }
    if (page.next === place) break;
    place = page.next;
    at?.(place);
  }
  const findings = [...found.values()].map(({ by, ...counted }): RuleFindings => {
    const senders = [...by]
      .map(([senderId, messages]) => ({ senderId, messages }))
      .sort(byMessages)
      .slice(0, SENDERS_SHOWN);
    const shown = senders.reduce((sum, { messages }) => sum + messages, 0);
    return { ...counted, senders, otherSenders: counted.messages - shown };
  });
  return { ...all, rules: findings };
}

type Sender = { senderId: string; messages: number };
const byMessages = (one: Sender, other: Sender): number =>
  other.messages - one.messages || (one.senderId < other.senderId ? -1 : 1);

/**
 * Tells what rules would have done with the messages that were sent since a time, with or without a running server. Nothing is
 * written. Rejects with an `Error` that says what to do.
 */
export async function moderate(
  config: Config,
  { rules: path, sinceMs, json }: { rules: string; sinceMs: number | undefined; json: boolean },
  terminal: Terminal,
): Promise<void> {
  const rules = await readRules(path);
  const log = await readLog(config);
  const progress = showPercent(terminal, "log");
  let findings: Findings;
  const since = sinceMs === undefined ? "" : new Date(Date.now() - sinceMs).toISOString();
  try {
    const until = await log.end();
    findings = await judgeLog(log, until, rules, { since, at: (position) => progress.at(fractionOf(position, until)) });
  } finally {
    progress.end();
    await log.close();
  }
  terminal.out(json ? JSON.stringify({ since: since === "" ? null : since, ...findings }) : textOf(findings));
}

function textOf({ messages, edits, refused, reported, rules }: Findings): string {
  const lines = [`${messages} messages and ${edits} edits: ${refused} would have been refused, ${reported} reported`];
  for (const { rule, kind, action, messages: hits, senders, otherSenders, samples } of rules) {
    lines.push("", `${rule} (${kind}): would have ${action === "refuse" ? "refused" : "reported"} ${hits}`);
    const named = senders.map(({ senderId, messages: of }) => `${senderId} ${of}`);
    lines.push(`  by sender: ${[...named, ...(otherSenders > 0 ? [`others ${otherSenders}`] : [])].join(", ")}`);
    for (const { conversationId, seq, senderId, at, edit, text } of samples)
      lines.push(
        `  ${at} ${conversationId}:${seq}${edit ? " (edit)" : ""} ${senderId}: ${text === null ? "" : JSON.stringify(text)}`,
      );
  }
  return lines.join("\n");
}
