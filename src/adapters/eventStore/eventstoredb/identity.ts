import { randomUUID } from "node:crypto";
import type { EventStoreDBClient } from "@eventstore/db-client";
import type { Position } from "../../../ports/eventStore.ts";
import type { EventTexts } from "../texts.ts";
import { type Place, positionOf } from "./position.ts";
import type { Requests } from "./requests.ts";

/**
 * Says which log this is. Every server that opens the log gets the same identity, and no other log has it. Positions begin at
 * `origin`: what lies before it does not belong to this log.
 */
export type Identity = { id: string; origin: Position };

/** The log's id, in 8 characters of a-z and 0-9: the last 41 bits of an event's id. */
const idOf = (uuid: string): string =>
  BigInt(`0x${uuid.replaceAll("-", "")}`)
    .toString(36)
    .slice(-8);

/**
 * The content of the stream `identity`. Its first event marks where the log begins. Its newest event says which log it is now.
 */
type Said = { id: string; begins: Place; revision: number };

async function said(client: EventStoreDBClient, ask: Requests, identity: string): Promise<Said | undefined> {
  const one = { maxCount: 1, requiresLeader: true };
  const [[first], [newest]] = await Promise.all([
    ask.all(() => client.readStream(identity, one)),
    ask.all(() => client.readStream(identity, { ...one, direction: "backwards", fromRevision: "end" })),
  ]);
  const begins = (first?.event as { position?: Place } | undefined)?.position;
  const event = newest?.event;
  return event === undefined || begins === undefined
    ? undefined
    : { id: idOf(event.id), begins, revision: Number(event.revision) };
}

/** Tells which log this is, by the stream `identity`. Undefined if nobody has made a log yet. Rejects with `Unavailable`. */
export async function identityOf(client: EventStoreDBClient, ask: Requests, identity: string): Promise<Identity | undefined> {
  const found = await said(client, ask, identity);
  return found && { id: found.id, origin: positionOf(found.id, found.begins) };
}

/** The revision of the newest identity, if the log still has this id. */
export async function revisionOfIdentity(
  client: EventStoreDBClient,
  ask: Requests,
  identity: string,
  id: string,
): Promise<number | undefined> {
  const found = await said(client, ask, identity);
  return found?.id === id ? found.revision : undefined;
}

/**
 * The event that makes a new log. A later one turns it into another log: what knows more than the log does now no longer belongs
 * to it.
 */
export const newIdentity = (): EventTexts => [randomUUID(), "LogCreated", "{}", "{}"];
