import type { RecordedEvent } from "../../../src/ports/eventStore.ts";
import type { Readiness, Server } from "../../support/server.ts";
import { until } from "../../support/until.ts";
import { restart, UP_MS } from "./restart.ts";

/** `esdb://…`, of one node or of several; empty where the tests run without EventStoreDB. */
export const EVENTSTORE_URL = process.env.EVENTSTORE_URL ?? "";
/**
 * Any command of the shell that kills EventStoreDB (-9; of several nodes the leader), starts it again, and ends once all is up.
 */
export const EVENTSTORE_RESTART = process.env.EVENTSTORE_RESTART ?? "";

/** Kills EventStoreDB, and resolves once it is up again. */
export const restartEventStoreDb = (): Promise<void> => restart("EVENTSTORE_RESTART");

/** Whether /ready said that the log is away. */
export const tellsOfTheLog = ({ status, body }: Readiness): boolean => status === 503 && body.components.log?.ready === false;

export const readyAgain = (server: Server) =>
  until("the server is ready again", async () => (await server.readiness()).status === 200, UP_MS);

/** What is logged as an error while the log is away: that it is. */
export const tellsOfAnOutage = (line: string): boolean => /"detail":"Unavailable: /.test(line);

/**
 * Appended without an expected revision, whose repeats EventStoreDB knows only until it is killed. Marks only rise: a second one
 * does nothing.
 */
export const isMark = ({ type }: RecordedEvent): boolean => type === "ReadUpTo";
