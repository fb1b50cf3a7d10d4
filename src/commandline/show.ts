import type { Config } from "../config.ts";
import { conversationId, streams } from "../domain/ids.ts";
import { time } from "../domain/time.ts";
import { incident, type MessageThen, type StateThen, type Step } from "../server/incident.ts";
import { readLog } from "../server/log.ts";
import type { Terminal } from "./import.ts";
import { jsonOf, short } from "./plainText.ts";

export type ShowOptions = { conversation: string; at: string; until: string | undefined; json: boolean };

/** Characters of a text that are shown. */
const TEXT = 300;

/** What people wrote, in quotation marks. */
const quoted = (text: string): string => jsonOf(short(text, TEXT));

function timeGiven(text: string, option: string): string {
  const { data: at } = time.safeParse(text);
  if (at === undefined) throw new Error(`${option} ${text}: give a time as 2024-05-31T12:00:00Z`);
  return at;
}

/**
 * Shows how a conversation stood at a time, and what happened from then on until another time: each event, and who was told of
 * it. It reads the log alone, with or without a running server. Rejects with an `Error` that says what to do.
 */
export async function show(config: Config, given: ShowOptions, terminal: Terminal, signal: AbortSignal): Promise<void> {
  const { conversation, json } = given;
  const known = conversationId.safeParse(conversation);
  if (!known.success) throw new Error(`${conversation} is no conversation: ${known.error.issues[0]?.message}`);
  const at = timeGiven(given.at, "--at");
  const until = given.until === undefined ? undefined : timeGiven(given.until, "--until");
  if (until !== undefined && until < at) throw new Error(`--until ${given.until} is before --at ${given.at}: give a later time`);
  const log = await readLog(config);
  try {
    const { state, steps } = await incident({ log, conversation, at, until, signal });
    if (state === undefined) {
      const isThere = async (stream: string) => (await log.read(stream, 0, "forwards", 1)).length > 0;
      if (!(await isThere(streams.group(conversation))) && !(await isThere(streams.conversation(conversation))))
        throw new Error(`there is no conversation ${conversation}: give the id of one, g:…, c:… or d:…~…`);
    }
    if (json) terminal.out(jsonOf({ at, state: state ?? null }));
    else for (const line of linesOf(conversation, at, state)) terminal.out(line);
    let count = 0;
    for await (const step of steps) {
      count++;
      if (json) terminal.out(jsonOf({ step }));
      else for (const line of linesOfStep(step)) terminal.out(line);
    }
    if (!json && until !== undefined) terminal.out(`${count} events from ${at} until ${until}`);
  } finally {
    await log.close();
  }
}

function linesOf(conversation: string, at: string, state: StateThen | undefined): string[] {
  if (state === undefined) return [`${conversation} was not there yet at ${at}`];
  const { kind, profile, members, memberCount, messages, lastSeq, pins } = state;
  const lines = [
    `${conversation} at ${at}: ${kind}${profile ? ` ${quoted(profile.title)}` : ""}, ${memberCount} members, ${lastSeq} messages`,
  ];
  if (profile)
    lines.push(
      `  ${profile.public ? "public" : "not public"}, joining: ${profile.joinPolicy}, earlier messages ${profile.historyVisible ? "open" : "closed"} to members`,
    );
  for (const { user, role, joinedAt, readSeq } of members)
    lines.push(`  ${role} ${user}, since ${joinedAt}, has read up to #${readSeq}`);
  if (members.length < memberCount) lines.push(`  and ${memberCount - members.length} more`);
  if (messages.length < lastSeq) lines.push(`  the newest ${messages.length} messages:`);
  for (const message of messages) lines.push(`  ${messageLine(message)}`);
  if (pins.length > 0) lines.push(`  pinned: ${pins.map((seq) => `#${seq}`).join(", ")}`);
  return lines;
}

function messageLine({ seq, sender, sentAt, text, files, editedAt, recalledAt, expired, reactions }: MessageThen): string {
  const what = [
    ...(text === null ? [] : [quoted(text)]),
    ...files.map((name) => `file ${quoted(name)}`),
    ...(editedAt === null ? [] : [`edited ${editedAt}`]),
    ...(recalledAt === null ? [] : [`recalled ${recalledAt}`]),
    ...(expired ? ["expired"] : []),
    ...reactions.map(({ emoji, count }) => `${quoted(emoji)} ${count}`),
  ];
  return `#${seq} ${sentAt} ${sender}: ${what.join(", ")}`;
}

/** What is said of an event by its place, or is in every one of the conversation. */
const LEFT_OUT: ReadonlySet<string> = new Set(["conversationId", "groupId", "channelId", "seq", "clientMutationId", "senderId"]);

/** Of a message its text, of any other event what it says. */
function saidBy({ type, data, seq }: Step): string {
  const place = seq === undefined ? "" : ` #${seq}`;
  const { text } = data as { text?: unknown };
  if (typeof text === "string") return `${place} ${quoted(text)}`;
  if (type === "MessageSent") return `${place} (no text)`;
  const rest = Object.fromEntries(Object.entries(data as object).filter(([name]) => !LEFT_OUT.has(name)));
  return Object.keys(rest).length === 0 ? place : `${place} ${short(jsonOf(rest), TEXT)}`;
}

function linesOfStep(step: Step): string[] {
  const { at, type, by, cursor, told, toldCount, toFollowers } = step;
  const more = toldCount > told.length ? ` and ${toldCount - told.length} more` : "";
  const whom = toldCount === 0 ? (toFollowers ? "" : "nobody") : `${told.join(", ")}${more}`;
  const followers = toFollowers ? `${whom === "" ? "" : " and "}all who followed the channel` : "";
  return [`${at} ${type} by ${by}${saidBy(step)} (${cursor})`, `  told: ${whom}${followers}`];
}
