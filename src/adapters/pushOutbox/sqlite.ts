import type { Open } from "../../ports/awaitable.ts";
import type { PushOutbox } from "../../ports/pushOutbox.ts";
import { sqliteDatabase } from "../outbox/sqlite.ts";
import { pushOutboxIn, PUSHES } from "./outbox.ts";

/** In a file. Throws an `Error` that says what to do if it cannot be used. */
export const sqliteOutbox = (file: string): Open<PushOutbox> => pushOutboxIn(sqliteDatabase(file, PUSHES));
