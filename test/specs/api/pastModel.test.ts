import fc from "fast-check";
import { expect, test } from "vitest";
import { type ApiWorld, apiWorld, type Json } from "../../support/apiWorld.ts";
import { asking, querying } from "../../support/people/asking.ts";
import { BEGUN_MS } from "../../support/people/days.ts";
import { passing } from "../../support/people/happenings.ts";
import { type Conversation, type Model, roleOf } from "../../support/people/model.ts";
import { play } from "../../support/people/program.ts";
import { type Edges, type Id, nodes } from "../../support/people/shown.ts";
import { CONVERSATION, sameConversation, type Since } from "../../support/people/shownConversation.ts";
import { type Program, programs } from "../../support/people/steps.ts";
import { runs, seed } from "../../support/property.ts";

/*
 * Conversations as they stood, held against a model of which every state was kept. What somebody is shown is what they saw then,
 * but for two things: the content of what was recalled or has expired since is gone, and what was open to members is shown as
 * long as it is.
 */

/** So many in a usual run; `PROPERTY_RUNS=500` for all. */
const RUNS = 50;
const COMMANDS = 60;

/** Registered, and never in anything. */
const OUTSIDER = "zoe";
const OPERATOR = "operator";

type Kept = { at: string; model: Model };

const PAST = `query ($id: ID!, $at: DateTime!) { conversation(id: $id, at: $at) { ${CONVERSATION} } }`;
const WHOLE = `query ($id: ID!, $at: DateTime!) { conversation(id: $id, at: $at) {
  title memberCount lastSeq messages(first: 100) { edges { node { seq text } } } pins { seq }
  members(first: 100) { edges { node { role readSeq user { id } } } }
} }`;

test("a conversation as it stood is what it was, for members, former members and outsiders", { timeout: 1_800_000 }, async () => {
  await fc.assert(
    fc.asyncProperty(
      programs(COMMANDS),
      fc.array(fc.nat({ max: 1_000 }), { minLength: 3, maxLength: 3 }),
      async (program, picks) => samePasts(program, picks, await apiWorld({ time: BEGUN_MS, ...program.settings })),
    ),
    { numRuns: runs(RUNS), seed: seed("pasts") },
  );
});

async function samePasts(program: Program, picks: readonly number[], world: ApiWorld): Promise<void> {
  try {
    await world.register(OUTSIDER, ...Array.from({ length: program.users }, (_, index) => `u${index}`));
    const kept: Kept[] = [];
    const keep = (model: Model): void => {
      const copy = structuredClone({ ...model, told: [] });
      kept.push({ at: new Date(world.time()).toISOString(), model: copy });
    };
    const played = { ask: asking(world), setFanoutLimit: world.fanout, pass: passing(world) };
    const { model, history } = await play(program, played, keep);
    await world.caughtUp();
    try {
      for (const pick of new Set(picks.map((each) => each % kept.length))) {
        const then = kept[pick] as Kept;
        for (const id of model.conversations.keys()) {
          for (const user of model.users) await samePast(world, id, user, then, model);
          await samePast(world, id, OUTSIDER, then, model);
          await sameWhole(world, id, then);
        }
      }
    } catch (error) {
      throw new Error(`${error instanceof Error ? error.message : String(error)}\n\n${history.join("\n")}`, { cause: error });
    }
  } finally {
    await world.close();
  }
}

async function samePast(world: ApiWorld, id: string, user: string, { at, model: then }: Kept, present: Model): Promise<void> {
  const { conversation: shown } = (await querying(world)(user, PAST, { id, at })) as { conversation: (Json & Id) | null };
  const was = then.conversations.get(id);
  expect(shown !== null, `${user} is shown ${id} as it stood at ${at}`).toBe(was?.known.has(user) === true);
  if (shown === null || was === undefined) return;
  const is = present.conversations.get(id) as Conversation;
  const isOpen = is.public || (is.historyVisible && is.members.has(user));
  const wasIn = was.members.has(user);
  if (wasIn) expect([shown["public"], shown["historyVisible"]]).toEqual([was.public, was.historyVisible]);
  const seen: Conversation = {
    ...was,
    // To those who were in it. What a conversation says of itself was compared above.
    public: was.public && wasIn && isOpen,
    historyVisible: was.historyVisible && isOpen,
    // Links to join with are not of the past.
    invites: [],
  };
  const flags = { public: seen.public, historyVisible: seen.historyVisible };
  const model: Model = { ...then, conversations: new Map(then.conversations).set(id, seen) };
  sameConversation(model, user, { ...shown, ...flags }, { since: goneSince(was, is), present });
}

/** What became of messages that had their content then. */
function goneSince(was: Conversation, is: Conversation): Since["since"] {
  const gone = new Map<number, "recalled" | "expired">();
  for (const { seq, recalled, expired } of was.messages) {
    const now = is.messages[seq - 1];
    if (now?.recalled && !recalled) gone.set(seq, "recalled");
    else if (now?.expired && !recalled && !expired) gone.set(seq, "expired");
  }
  return gone;
}

/** An operator is shown all that there was. */
async function sameWhole(world: ApiWorld, id: string, { at, model }: Kept): Promise<void> {
  const { conversation: shown } = (await querying(world, true)(OPERATOR, WHOLE, { id, at })) as { conversation: Json | null };
  const was = model.conversations.get(id);
  expect(shown !== null, `an operator is shown ${id} as it stood at ${at}`).toBe(was !== undefined);
  if (shown === null || was === undefined) return;
  const messages = nodes(shown["messages"] as Edges<{ seq: number; text: string | null }>);
  expect(messages, `messages of ${id} at ${at}`).toEqual(was.messages.slice(0, 100).map(({ seq, text }) => ({ seq, text })));
  expect(shown["pins"]).toEqual(was.pins.map((seq) => ({ seq })));
  const members = nodes(shown["members"] as Edges<{ role: string; readSeq: number; user: Id }>);
  expect(members, `members of ${id} at ${at}`).toEqual(
    // The two of a direct conversation by their ids, all others in the order of joining.
    (was.kind === "DIRECT" ? [...was.members.keys()].sort() : [...was.members.keys()]).map((user) => ({
      role: roleOf(was, user) ?? "MEMBER",
      readSeq: was.marks.get(user) ?? 0,
      user: { id: user },
    })),
  );
  expect([shown["memberCount"], shown["lastSeq"]]).toEqual([was.members.size, was.messages.length]);
  if (was.kind !== "DIRECT") expect(shown["title"]).toBe(was.title);
}
