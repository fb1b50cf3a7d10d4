import { byteCache } from "../ports/byteCache.ts";

/** The two media types of GraphQL over HTTP: the second for clients that don't know the first. */
export const RESPONSE_JSON = "application/graphql-response+json";
export const PLAIN_JSON = "application/json";

export type MediaType = typeof RESPONSE_JSON | typeof PLAIN_JSON;

/** What clients send is the same few texts all the time. */
const KEPT_BYTES = 65_536;
/** `none`: it takes neither. */
const known = byteCache<MediaType | "none">(KEPT_BYTES);

/** The type of the answer by a request's `Accept`; undefined where it takes neither. */
export function negotiated(accept: string | undefined): MediaType | undefined {
  if (accept === undefined || accept === "") return PLAIN_JSON;
  let type = known.get(accept);
  if (type === undefined) known.set(accept, (type = preferred(accept) ?? "none"));
  return type === "none" ? undefined : type;
}

function preferred(accept: string): MediaType | undefined {
  const ranges = accept.split(",").map(rangeOf);
  const [best] = ranges.filter(({ type, quality }) => type !== undefined && quality > 0).sort((a, b) => b.quality - a.quality);
  return best?.type;
}

function rangeOf(text: string): { type: MediaType | undefined; quality: number } {
  const [range = "", ...parameters] = text.split(";").map((part) => part.trim().toLowerCase());
  const given = parameters.find((parameter) => parameter.startsWith("q="));
  const quality = given === undefined ? 1 : Number(given.slice(2)) || 0;
  if (range === RESPONSE_JSON) return { type: RESPONSE_JSON, quality };
  return { type: range === PLAIN_JSON || range === "application/*" || range === "*/*" ? PLAIN_JSON : undefined, quality };
}
