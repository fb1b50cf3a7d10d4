import { randomUUID } from "node:crypto";
import { expect } from "vitest";
import type { Random } from "../../support/random.ts";
import {
  type Call,
  conversationOf,
  editMessage,
  type Group,
  join,
  leave,
  markRead,
  recallMessage,
  type Sent,
  sendMessage,
} from "./calls.ts";
import type { Outages } from "./outages.ts";
import type { Client } from "../../support/client.ts";
import type { Scene } from "./scene.ts";

/** Sends of one writer at the same time. */
export const LANES = 2;
/** Sends that come twice: half of them at once, half later. */
const REPEATED = 0.05;
const MARKS = 0.03;
const ANNOTATIONS = 0.01;

export type LoadOptions = {
  scene: Scene;
  rng: Random;
  /** At least so many; more where the outages last longer. */
  sends: number;
  outages: Outages;
  /** A send was answered for the first time. */
  acknowledged: () => void;
};

export type LoadCounts = { sends: number; repeated: number; moves: number };

/** One send, repeated until it is answered, and noted. */
export async function sendAndNote({ ledger }: Scene, call: Call): Promise<Sent> {
  const answer = await sendMessage(call);
  ledger.sent(call, answer);
  return answer;
}

/** All writers and movers at work, until there were so many sends and the outages are over. */
export async function load({ scene, rng, sends, outages, acknowledged }: LoadOptions): Promise<LoadCounts> {
  const { writers, movers, groups, places, ledger } = scene;
  const later: Call[] = [];
  const counts: LoadCounts = { sends: 0, repeated: 0, moves: 0 };

  const send = (call: Call): Promise<Sent> =>
    outages.pass(async () => {
      const answer = await sendMessage(call);
      if (ledger.sent(call, answer)) {
        outages.acknowledged();
        acknowledged();
      }
      return answer;
    });

  const goesOn = () => counts.sends < sends || !outages.areOver;

  const readUpTo = async (person: Client, conversation: string, seq: number): Promise<void> => {
    await markRead(person, conversation, seq);
    ledger.read(person.id, conversation, seq);
  };

  const annotate = async (person: Client, conversation: string, seq: number): Promise<void> => {
    if (!ledger.claim(conversation, seq)) return;
    if (rng.chance(0.5)) {
      await editMessage(person, conversation, seq, `edited ${conversation}:${seq}`);
    } else {
      await recallMessage(person, conversation, seq);
      ledger.recalled(conversation, seq);
    }
  };

  const write = async (writer: Client): Promise<void> => {
    while (goesOn()) {
      counts.sends++;
      const to = rng.pick(places.get(writer.id) ?? []);
      const call: Call = { by: writer, ...to, clientMutationId: randomUUID(), text: `${counts.sends} of ${writer.id}` };
      const repeated = rng.chance(REPEATED);
      if (repeated) counts.repeated++;
      if (repeated && rng.chance(0.5)) {
        const [one, other] = await Promise.all([send(call), send(call)]);
        expect(other).toEqual(one);
      } else {
        await send(call);
        if (repeated) later.push(call);
      }
      if (later.length > 20 && rng.chance(0.3)) await send(later.splice(rng.int(0, later.length - 1), 1)[0] as Call);
      const conversation = conversationOf(call);
      const known = ledger.of(conversation);
      if (rng.chance(MARKS)) await readUpTo(writer, conversation, rng.pick(known).answer.message.seq);
      if (rng.chance(ANNOTATIONS)) {
        const own = known.filter(({ call: { by } }) => by === writer);
        if (own.length > 0) await annotate(writer, conversation, rng.pick(own).answer.message.seq);
      }
    }
  };

  const move = async (mover: Client): Promise<void> => {
    const inside = new Set<Group>();
    while (goesOn()) {
      const group = rng.pick(groups);
      counts.moves++;
      if (inside.delete(group)) {
        ledger.left(mover.id, group.id, await leave(mover, group.id));
      } else {
        ledger.joined(mover.id, group.id, await join(mover, group.id));
        inside.add(group);
      }
      for (let left = rng.int(0, 6); left > 0 && goesOn() && inside.has(group); left--) {
        counts.sends++;
        await send({
          by: mover,
          conversationId: group.id,
          clientMutationId: randomUUID(),
          text: `${counts.sends} of ${mover.id}`,
        });
      }
    }
  };

  await Promise.all([...writers.flatMap((writer) => Array.from({ length: LANES }, () => write(writer))), ...movers.map(move)]);
  await outages.over;
  // What is repeated once everything is calm again is answered as it was.
  await Promise.all(later.map(send));
  return counts;
}
