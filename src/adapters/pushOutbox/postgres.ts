import type { Open } from "../../ports/awaitable.ts";
import type { PushOutbox } from "../../ports/pushOutbox.ts";
import { postgresDatabase } from "../outbox/postgres.ts";
import { pushOutboxIn, PUSHES } from "./outbox.ts";

/** In a schema of PostgreSQL, for all processes that share it. */
export const postgresOutbox = (url: string, schema: string): Open<PushOutbox> =>
  pushOutboxIn(postgresDatabase(url, schema, PUSHES));
