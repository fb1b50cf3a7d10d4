/** The names of one log's streams, on a server that others may use as well. */
export type StreamNames = {
  /** The stream whose events say which log this is. */
  readonly identity: string;
  outer(stream: string): string;
  /**
   * The log's own name for a stream of the server. Undefined if the stream does not belong to this log: it is the server's own,
   * or has another prefix.
   */
  inner(stream: string): string | undefined;
};

/** The form of a prefix. No stream of a log without a prefix begins like that. */
export const PREFIX = /^[a-z0-9][a-z0-9-]{0,31}$/;
const PREFIXED = /^[a-z0-9][a-z0-9-]{0,31}\//;
const IDENTITY = "tidings";

/** The names for the log with this prefix, or without one (""). Throws `RangeError` if the prefix is not valid. */
export function streamNames(prefix: string): StreamNames {
  if (prefix === "") {
    return {
      identity: IDENTITY,
      outer: (stream) => stream,
      inner: (stream) => (stream.startsWith("$") || PREFIXED.test(stream) || stream === IDENTITY ? undefined : stream),
    };
  }
  if (!PREFIX.test(prefix)) throw new RangeError(`${JSON.stringify(prefix)} is no prefix: 1 to 32 of a-z, 0-9 and -`);
  const start = `${prefix}/`;
  const identity = start + IDENTITY;
  return {
    identity,
    outer: (stream) => start + stream,
    inner: (stream) => (stream.startsWith(start) && stream !== identity ? stream.slice(start.length) : undefined),
  };
}
