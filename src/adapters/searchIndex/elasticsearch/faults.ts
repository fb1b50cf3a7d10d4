import { errors } from "@elastic/elasticsearch";
import { CheckpointMoved, Unavailable } from "../../../ports/faults.ts";

export const statusOf = (error: unknown): number | undefined =>
  error instanceof errors.ResponseError ? error.statusCode : undefined;

/** Whether the index is missing, and not a document in it. */
export const isIndexMissing = (error: unknown): boolean =>
  statusOf(error) === 404 && error instanceof Error && error.message.includes("index_not_found_exception");

/**
 * Turns an error of the client into one of the port. If the server cannot serve now, that is `Unavailable`. Any other error is a
 * bug and stays as it is.
 */
export function asFault(error: unknown, outcome: "nothing" | "unknown"): unknown {
  if (error instanceof Unavailable || error instanceof CheckpointMoved) return error;
  if (!(error instanceof errors.ElasticsearchClientError)) return error;
  const status = statusOf(error);
  // 401 and 403: the rights that the server gives us may change.
  const isServers = status === undefined || status >= 500 || [401, 403, 404, 408, 429].includes(status);
  // The cause holds addresses and reasons, which are for operators.
  return isServers ? new Unavailable("Elasticsearch cannot be used now", outcome, { cause: error }) : error;
}

/** Runs `work`, and turns its errors into those of the port. */
export async function guarded<T>(outcome: "nothing" | "unknown", work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw asFault(error, outcome);
  }
}
