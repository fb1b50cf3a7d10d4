import { byteCache } from "../ports/byteCache.ts";

/** The two media types of GraphQL over HTTP. The second is for clients that do not know the first. */
export const RESPONSE_JSON = "application/graphql-response+json";
export const PLAIN_JSON = "application/json";
/** Server-sent events: results one after the other. */
export const EVENT_STREAM = "text/event-stream";

export type MediaType = typeof RESPONSE_JSON | typeof PLAIN_JSON | typeof EVENT_STREAM;

/** Clients send the same few texts again and again. */
const KEPT_BYTES = 65_536;
/** `none`: the client accepts none of the types. */
const known = byteCache<MediaType | "none">(KEPT_BYTES);

/** The answer's type for an `Accept` header. Undefined if the header accepts none. */
export function negotiated(accept: string | undefined): MediaType | undefined {
  if (accept === undefined || accept === "") return PLAIN_JSON;
  let type = known.get(accept);
  if (type === undefined) known.set(accept, (type = preferred(accept) ?? "none"));
  return type === "none" ? undefined : type;
}

/** Whether a client that accepts this also reads a stream of events. Then it may subscribe. */
export const readsEvents = (accept: string | undefined): boolean =>
  accept?.includes(EVENT_STREAM) === true &&
  accept
    .split(",")
    .map(rangeOf)
    .some(({ type, quality }) => type === EVENT_STREAM && quality > 0);

function preferred(accept: string): MediaType | undefined {
  const ranges = accept.split(",").map(rangeOf);
  const [best] = ranges.filter(({ type, quality }) => type !== undefined && quality > 0).sort((a, b) => b.quality - a.quality);
  return best?.type;
}

function rangeOf(text: string): { type: MediaType | undefined; quality: number } {
  const [range = "", ...parameters] = text.split(";").map((part) => part.trim().toLowerCase());
  const given = parameters.find((parameter) => parameter.startsWith("q="));
  const quality = given === undefined ? 1 : Number(given.slice(2)) || 0;
  if (range === RESPONSE_JSON || range === EVENT_STREAM) return { type: range, quality };
  return { type: range === PLAIN_JSON || range === "application/*" || range === "*/*" ? PLAIN_JSON : undefined, quality };
}
