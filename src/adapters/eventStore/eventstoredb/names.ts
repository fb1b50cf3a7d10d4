/** How the streams of one log are called on a server that others may use as well. */
export type StreamNames = {
  /** The stream that says which log this is, by its only event. */
  readonly identity: string;
  outer(stream: string): string;
  /** The log's own name of a server's stream; undefined where it is another's: the server's own, or of another prefix. */
  inner(stream: string): string | undefined;
};

/** What a prefix may be: no stream of a log without one begins like that. */
export const PREFIX = /^[a-z0-9][a-z0-9-]{0,31}$/;
const PREFIXED = /^[a-z0-9][a-z0-9-]{0,31}\//;
const IDENTITY = "tidings";

/** Names of the log with this prefix, or without one (""). Throws `RangeError` for one that cannot be. */
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
