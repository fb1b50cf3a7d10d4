import { expire, mute, overdueOf, post } from "./messages.ts";
import { type Conversation, directOf, type Message, type Model, ok, type Outcome, type Scheduled } from "./model.ts";

/* Messages that wait for their day, and what happens by itself when a day has come. */

/** `to`: also a direct conversation that has not begun. */
export function scheduleMessage(model: Model, to: Conversation, by: string, day: number): Outcome {
  if (day <= model.day) return "BAD_INPUT";
  return mute(model, to, by) ?? ok;
}

/** Also puts away one that could not be sent. */
export function cancelScheduled(by: string, scheduled: Scheduled): Outcome {
  if (scheduled.by !== by || scheduled.state === "OVER") return "NOT_FOUND";
  scheduled.state = "OVER";
  return ok;
}

/** What happened by itself, in the order of the log. Only the order is taken from there: all else must be as the model says. */
export type Happening =
  | { what: "sent"; id: string; conversation: string; text: string }
  | { what: "failed"; id: string; code: string }
  | { what: "expired"; conversation: string; seq: number };

/** A day has come. Throws where not exactly that happened which had to. */
export function pass(model: Model, days: number, happenings: readonly Happening[]): void {
  model.day += days;
  const due = model.scheduled.filter(({ state, day }) => state === "WAITING" && day <= model.day);
  // What one may write can follow from what another one sends at the same time.
  const refusedAtFirst = new Map(due.map((one) => [one, refusalOf(model, one)]));
  const newest = new Map<string, number>();
  for (const happening of happenings) {
    if (happening.what === "expired") {
      expire(model, ...overdue(model, happening));
      continue;
    }
    const one = due.find(({ id, state }) => id === happening.id && state === "WAITING");
    if (!one) throw new Error(`${happening.id} was not due: ${JSON.stringify(happening)}`);
    if ((newest.get(one.by) ?? 0) > one.day) throw new Error(`${one.id} comes after what its sender wanted to be sent later`);
    newest.set(one.by, one.day);
    const refused = refusalOf(model, one);
    if (happening.what === "failed") fail(model, one, [refused, refusedAtFirst.get(one)], happening.code);
    else if (refused) throw new Error(`${one.id} was sent, and is refused: ${refused}`);
    else send(model, one, happening);
  }
  const left = due.find(({ state }) => state === "WAITING");
  if (left) throw new Error(`${left.id} was due, and nothing happened to it`);
  for (const conversation of model.conversations.values())
    for (const { seq } of overdueOf(model, conversation)) throw new Error(`${conversation.id}:${seq} did not expire`);
}

const conversationOf = (model: Model, { to }: Scheduled): Conversation => {
  const [one = "", other = ""] = to.slice(2).split("~");
  return model.conversations.get(to) ?? directOf(model, one, other);
};

const refusalOf = (model: Model, one: Scheduled): Outcome | undefined => mute(model, conversationOf(model, one), one.by);

function overdue(model: Model, { conversation: id, seq }: { conversation: string; seq: number }): [Conversation, Message] {
  const conversation = model.conversations.get(id);
  const message = conversation && overdueOf(model, conversation).find((one) => one.seq === seq);
  if (!conversation || !message) throw new Error(`${id}:${seq} must not expire now`);
  return [conversation, message];
}

function fail(model: Model, one: Scheduled, expected: readonly (Outcome | undefined)[], code: string): void {
  if (!expected.includes(code)) throw new Error(`${one.id} failed with ${code}: ${expected.join(" or ")} was expected`);
  const failed = 1 + Math.max(0, ...model.scheduled.map((other) => (other.state === "FAILED" ? other.failed : 0)));
  Object.assign(one, { state: "FAILED", code, failed });
}

function send(model: Model, one: Scheduled, { conversation, text }: { conversation: string; text: string }): void {
  if (one.to !== conversation || one.text !== text) throw new Error(`${one.id} became another: ${conversation}, ${text}`);
  one.state = "OVER";
  post(model, conversationOf(model, one), one.by, { text, scheduled: true });
}
