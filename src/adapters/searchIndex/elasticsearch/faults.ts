import { errors } from "@elastic/elasticsearch";
import { CheckpointMoved, Unavailable } from "../../../ports/faults.ts";

export const statusOf = (error: unknown): number | undefined =>
  error instanceof errors.ResponseError ? error.statusCode : undefined;

/** Whether it is the index that is not there, and not a document of it. */
export const isIndexMissing = (error: unknown): boolean =>
  statusOf(error) === 404 && error instanceof Error && error.message.includes("index_not_found_exception");

/** What the port says of an error of the client. Anything but a server that cannot serve now is a bug and stays what it is. */
export function asFault(error: unknown, outcome: "nothing" | "unknown"): unknown {
  if (error instanceof Unavailable || error instanceof CheckpointMoved) return error;
  if (!(error instanceof errors.ElasticsearchClientError)) return error;
  const status = statusOf(error);
  // 401 and 403: what the server lets us do may change.
  const isServers = status === undefined || status >= 500 || [401, 403, 404, 408, 429].includes(status);
  // Its addresses and reasons are for operators.
  return isServers ? new Unavailable("Elasticsearch cannot be used now", outcome, { cause: error }) : error;
}

/** `work`, its errors as the port's. */
export async function guarded<T>(outcome: "nothing" | "unknown", work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw asFault(error, outcome);
  }
}
