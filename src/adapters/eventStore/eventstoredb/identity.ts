import { randomUUID } from "node:crypto";
import type { EventStoreDBClient } from "@eventstore/db-client";
import type { Position } from "../../../ports/eventStore.ts";
import type { EventTexts } from "../texts.ts";
import { type Place, positionOf } from "./position.ts";
import type { Requests } from "./requests.ts";

/** Which log this is. Every server on it says the same, and no other log does. Positions begin at `origin`: what lies before is not of this log. */
export type Identity = { id: string; origin: Position };

/** The log's id in 8 characters of a-z and 0-9: the last 41 bits of its first event's id. */
const idOf = (uuid: string): string =>
  BigInt(`0x${uuid.replaceAll("-", "")}`)
    .toString(36)
    .slice(-8);

/** Which log this is, by the only event of the stream `identity`; undefined where nobody has made one yet. Rejects with `Unavailable`. */
export async function identityOf(client: EventStoreDBClient, ask: Requests, identity: string): Promise<Identity | undefined> {
  const events = await ask.all(() => client.readStream(identity, { maxCount: 1, requiresLeader: true }));
  const { id, position } = (events[0]?.event ?? {}) as { id?: string; position?: Place };
  return id === undefined || position === undefined ? undefined : { id: idOf(id), origin: positionOf(idOf(id), position) };
}

/** The event that makes a log one of its own. */
export const newIdentity = (): EventTexts => [randomUUID(), "LogCreated", "{}", "{}"];
