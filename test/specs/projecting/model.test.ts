import fc from "fast-check";
import { expect, test } from "vitest";
import { viewProjections } from "../../../projections/index.ts";
import { inboxes } from "../../../projections/inboxes.ts";
import { decider as annotation } from "../../../src/domain/annotation.ts";
import { decider as group } from "../../../src/domain/group.ts";
import { decider as handle } from "../../../src/domain/handle.ts";
import { type Trie, trieEntries } from "../../../src/domain/trie.ts";
import { decider as user } from "../../../src/domain/user.ts";
import type { RecordedEvent } from "../../../src/ports/eventStore.ts";
import type { ViewStore } from "../../../src/ports/viewStore.ts";
import type { MessageRow } from "../../../projections/timelines.ts";
import { generationOf } from "../../../src/projecting/projection.ts";
import { memoryViews } from "../../support/memoryViews.ts";
import { type Model, type ModelEntry, type ModelMessage, modelOf } from "../../support/model.ts";
import { inWords, play, type Program, program } from "../../support/programs.ts";
import { withPostgresViews } from "../../support/postgresViews.ts";
import { runs, seed } from "../../support/property.ts";
import { type RealPostgres, realPostgres } from "../../support/realPostgres.ts";
import { type World, worldOver } from "../../support/world.ts";

const pages = { pageEvents: fc.integer({ min: 1, max: 40 }), pageRows: fc.integer({ min: 1, max: 60 }) };
const reading = fc.record({
  /** Where reading begins and ends, as parts of the log. */
  cursors: fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { minLength: 2, maxLength: 4 }),
  limits: fc.array(fc.integer({ min: 1, max: 12 }), { minLength: 1, maxLength: 3 }),
});

/** What is looked at when a program has been folded, and how much of it is read at a time. */
type Looks = { cursors: number[]; limits: number[] };

/** Runs a program in a world, and holds what its views say against a naive look at all its events. */
async function sameAsModel(what: Program, target: World<ViewStore>, { cursors, limits }: Looks): Promise<void> {
  const { users } = await play(what, target, async ({ step, by, group, refusal }) => {
    // What is refused is refused on the log as it is now, whatever the rows say.
    if (step.do !== "send" || refusal === undefined || group === undefined || by === undefined) return;
    const now = modelOf(await target.events());
    if (refusal.field === "conversationId") expect(now.membersOf(group).has(by), `${by} may write to ${group}`).toBe(false);
    else expect(refusal.field).toBe("replyTo");
  });
  const events = await target.events();
  const model = modelOf(events);
  const everyone = [...users, ...model.groups.flatMap((id) => [...model.membersOf(id).keys()]), "stranger"];
  const positions = [target.log.origin, ...events.map(({ position }) => position)];
  const at = (part: number) => positions[Math.round(part * (positions.length - 1))] as string;
  try {
    expect(target.runner().state().parked).toEqual(Object.fromEntries(viewProjections.map(({ name }) => [name, 0])));
    for (const user of new Set(everyone)) {
      await sameEntries(target, model, user, [target.log.origin, ...cursors.map(at)], limits);
      await sameConversations(target, model, user);
    }
    for (const id of model.conversations) await sameConversation(target, model, id);
    const open = model.groups.filter((id) => model.creationOf(id)?.public);
    expect(await target.views.relations.publicGroups()).toEqual(open.sort());
    await sameFanOut(target, model, new Set(everyone));
    await sameFolds(target, events);
  } catch (error) {
    throw new Error(`${error instanceof Error ? error.message : String(error)}\n\n${inWords(events)}`, { cause: error });
  }
}

test("the views say what a naive look at all events says", { timeout: 600_000 }, async () => {
  await fc.assert(
    fc.asyncProperty(program(), fc.record(pages), fc.boolean(), reading, async (what, of, atOnce, looks) =>
      sameAsModel(what, worldOver(memoryViews({ atOnce }), of), looks),
    ),
    { numRuns: runs(), seed: seed("model") },
  );
});

const real = realPostgres("what the views say");

/** So many on PostgreSQL, where each takes longer. `PROPERTY_RUNS` for more. */
const FEW = 5;

test.skipIf(!real)("the views on PostgreSQL say the same", { timeout: 3_600_000 }, async () => {
  await fc.assert(
    fc.asyncProperty(program(), fc.record(pages), reading, async (what, of, looks) =>
      withPostgresViews(real as RealPostgres, (store) => sameAsModel(what, worldOver(store, of), looks)),
    ),
    { numRuns: runs(FEW), seed: seed("model on PostgreSQL") },
  );
});

/** The state of every stream that commands are decided on, and where its events stand. */
async function sameFolds({ views }: World<ViewStore>, events: readonly RecordedEvent[]): Promise<void> {
  for (const name of new Set(events.map(({ stream }) => stream))) {
    const decider = deciders[name.slice(0, name.indexOf("-"))];
    if (!decider) continue;
    const own = events.filter(({ stream }) => stream === name);
    const last = own.at(-1) as RecordedEvent;
    const state = own
      .filter(({ type }) => type !== "NothingChanged")
      .reduce((before, event) => decider.evolve(before, event), decider.initial);
    const snapshot = await views.folds.snapshot(name);
    expect(snapshot, name).toMatchObject({ revision: last.revision, position: last.position });
    expect(comparable(snapshot?.state ?? decider.initial), name).toEqual(comparable(state));
    for (const { id, revision } of own) expect(await views.folds.revisionOf(name, id), `${name} has ${id}`).toBe(revision);
    expect(await views.folds.knownTo(name)).toBe(last.revision);
  }
}

const deciders: Record<string, { initial: unknown; evolve(state: unknown, event: unknown): unknown }> = {
  user: user,
  handle: handle,
  group: group,
  annotation: annotation,
};

/** Members as a list; the exact place, which the rows do not have, apart. */
function comparable(state: unknown): unknown {
  const { members, point, ...rest } = { ...(state as { members?: Trie<string>; point?: unknown }) };
  return {
    ...(JSON.parse(JSON.stringify(rest)) as object),
    ...(members && { members: [...trieEntries(members)].sort() }),
    ...(point === null && { point }),
  };
}

/** An entry as a client is told it: how it came to be stored is left out. */
const bare = ({ position, entry }: ModelEntry | { position: string; entry: object }): ModelEntry => {
  const { open: _open, fanned: _fanned, ...told } = entry as Record<string, unknown>;
  return { position, entry: told };
};

async function sameEntries(
  { views, log }: World<ViewStore>,
  model: Model,
  user: string,
  cursors: string[],
  limits: number[],
): Promise<void> {
  const all = model.entries(user);
  const end = await log.end();
  for (const [index, cursor] of cursors.entries()) {
    const limit = limits[index % limits.length] as number;
    expect(await paged(views, user, cursor, end, limit), `entries of ${user} after ${cursor}, ${limit} a page`).toEqual(
      all.filter(({ position }) => position > cursor),
    );
  }
  // As a subscription reads: from one watermark to the next, whatever the views hold beyond it.
  const watermarks = [...cursors, end].sort();
  const heard: ModelEntry[] = [];
  let after = log.origin;
  for (const [index, watermark] of watermarks.entries()) {
    const limit = limits[index % limits.length] as number;
    for (let more = true; more;) {
      const page = await views.inboxes.entries(user, after, watermark, limit);
      expect(page.entries.length).toBeLessThanOrEqual(limit);
      heard.push(...page.entries.map(bare));
      expect(page.next >= after).toBe(true);
      more = page.hasMore;
      after = page.next;
    }
    expect(after).toBe(watermark);
  }
  expect(heard, `entries of ${user} in pieces`).toEqual(all);
}

/** Of each event that is told: written to inboxes where, and only where, the limit allows. */
async function sameFanOut({ store }: World<ViewStore>, model: Model, users: Iterable<string>): Promise<void> {
  const rows = async (table: string, partition: string) =>
    (await store.range(`${generationOf(inboxes)}/${table}`, partition, { limit: 10_000 })).map(({ sort, value }) => ({
      position: sort,
      entry: value as object,
    }));
  for (const user of users) expect((await rows("entries", user)).map(bare), `written to ${user}`).toEqual(model.written(user));
  for (const id of model.conversations) {
    const changes = await rows("changes", id);
    const marked = changes.map((row) => ({ ...bare(row), fanned: (row.entry as { fanned: boolean }).fanned }));
    expect(marked, `changes of ${id}`).toEqual(model.fanned(id));
  }
}

async function paged(views: World["views"], user: string, cursor: string, end: string, limit: number): Promise<ModelEntry[]> {
  const found: ModelEntry[] = [];
  const wide = await views.inboxes.wideConversations(user, cursor);
  for (let after = cursor; ;) {
    const page = await views.inboxes.entries(user, after, end, limit, wide);
    found.push(...page.entries.map(bare));
    if (!page.hasMore) return found;
    expect(page.next > after).toBe(true);
    after = page.next;
  }
}

async function sameConversations({ views, log }: World<ViewStore>, model: Model, user: string): Promise<void> {
  const mine = await views.relations.conversationsOf(user);
  expect(mine.map(({ id }) => id).sort(), `conversations of ${user}`).toEqual(model.conversationsOf(user).sort());
  const many = await views.readMarks.unreadOfMany(
    user,
    mine.map(({ id, membership }) => ({ id, joinedSeq: membership.joinedSeq })),
  );
  for (const [index, { id, membership }] of mine.entries()) {
    expect(membership.joinedSeq, `${user} joined ${id}`).toBe(model.joinedSeq(user, id));
    const unread = await views.readMarks.unread(user, id, membership.joinedSeq);
    expect(unread, `unread of ${user} in ${id}`).toEqual({
      readSeq: model.mark(user, id),
      unreadCount: model.unread(user, id).length,
    });
    expect(many[index]).toEqual(unread);
    expect(await views.readMarks.unreadMentions(user, id, membership.joinedSeq), `mentions of ${user} in ${id}`).toBe(
      model.unreadMentions(user, id).length,
    );
  }
  const keys = model.conversations.map((conversation) => ({ conversation, user }));
  const listed = new Map((await views.relations.sightsOf(user)).map(({ id, sight }) => [id, sight]));
  expect([...listed.keys()].filter((id) => !model.conversations.includes(id))).toEqual([]);
  const sights = await views.relations.sights(keys);
  for (const [index, { conversation }] of keys.entries()) {
    const sight = await views.relations.sight(conversation, user);
    expect(sights[index]).toEqual(sight);
    const isListed = sight?.stay !== undefined && model.head(conversation) + Number(conversation.startsWith("g:")) > 0;
    expect(listed.get(conversation), `the sight of ${conversation} among those of ${user}`).toEqual(isListed ? sight : undefined);
    const head = model.head(conversation);
    const seqs = Array.from({ length: head }, (_, before) => before + 1);
    const seen = await Promise.all(seqs.map(async (seq) => sight !== undefined && views.relations.sees(sight, seq)));
    expect(
      seqs.filter((_, index) => seen[index]),
      `what ${user} sees of ${conversation}`,
    ).toEqual(seqs.filter((seq) => model.maySee(user, conversation, seq)));
    if (sight === undefined) continue;
    const changes: ModelEntry[] = [];
    const end = await log.end();
    for (let after = log.origin, more = true; more;) {
      const page = await views.inboxes.changes(conversation, sight, after, end, 3);
      changes.push(...page.entries.map(bare));
      more = page.hasMore;
      after = page.next;
    }
    expect(changes, `what ${user} is told of ${conversation}`).toEqual(model.changes(user, conversation));
  }
}

async function sameConversation({ views }: World<ViewStore>, model: Model, id: string): Promise<void> {
  const expected = model.timeline(id);
  const found: MessageRow[] = [];
  for (let after = 0; ;) {
    const page = await views.timelines.page(id, { after, limit: 3, fromEnd: false });
    found.push(...page);
    if (page.length < 3) break;
    after = page.at(-1)?.seq ?? 0;
  }
  expect(found.map(shown), `messages of ${id}`).toEqual(expected);
  const backwards: MessageRow[] = [];
  for (let before: number | undefined; ;) {
    const page = await views.timelines.page(id, { ...(before === undefined ? {} : { before }), limit: 4, fromEnd: true });
    backwards.unshift(...page);
    if (page.length < 4) break;
    before = page[0]?.seq;
  }
  expect(backwards).toEqual(found);
  const last = expected.at(-1);
  expect(await views.timelines.head(id)).toEqual(last && { seq: last.seq, position: last.position, sentAt: last.sentAt });
  if (!id.startsWith("g:")) return;
  const members = model.memberList(id);
  const group = await views.relations.group(id);
  expect(group?.memberCount, `members of ${id}`).toBe(members.length);
  const { public: isPublic, historyVisible } = model.creationOf(id) ?? {};
  expect(group).toMatchObject({ public: isPublic, historyVisible });
  const listed: unknown[] = [];
  for (let after: string | undefined; ;) {
    const page = await views.relations.membersByJoin(id, after, 2);
    listed.push(...page.map(({ user, member: { role, joinedSeq, joinedAt } }) => ({ user, role, joinedSeq, joinedAt })));
    if (page.length < 2) break;
    after = page.at(-1)?.key;
  }
  expect(listed, `members of ${id}`).toEqual(members);
  for (const role of ["OWNER", "ADMIN", "MEMBER"] as const) {
    const found = await views.relations.membersByJoin(id, undefined, 1_000, [role]);
    const expected = members.filter((member) => member.role === role).map(({ user }) => user);
    expect(
      found.map(({ user }) => user),
      `${role}s of ${id}`,
    ).toEqual(expected);
  }
  for (const { user, role } of members) expect((await views.relations.member(id, user))?.role).toBe(role);
  expect(await views.relations.member(id, "stranger")).toBeUndefined();
}

function shown({
  seq,
  position,
  senderId,
  text,
  mentions,
  mentionsAll,
  replyTo,
  sentAt,
  editedAt,
  recalledAt,
}: MessageRow): ModelMessage {
  return { seq, position, senderId, text, mentions, mentionsAll, replyTo, sentAt, editedAt, recalledAt };
}
