import { tokensOf } from "../../../src/domain/words.ts";
import type { Live } from "../../support/bruteForceSearch.ts";
import type { Random } from "../../support/random.ts";
import type { MessageQuery } from "./asking.ts";

/** A query and filters that some messages pass, made from those that are there. */
export function randomQuery(rng: Random, live: readonly Live[]): MessageQuery {
  const main = rng.pick(live);
  /** Mostly of one message, so that it is found. */
  const one = (): Live => (rng.chance(0.85) ? main : rng.pick(live));
  const text = rng.chance(0.9) ? words(rng, one) : undefined;
  const { topic } = one();
  return {
    ...(text !== undefined && { text }),
    ...(rng.chance(0.3) && { conversationId: one().conversationId }),
    ...(rng.chance(0.15) && { senderId: one().senderId }),
    ...(rng.chance(0.15) && { kind: rng.pick(["TEXT", "IMAGE"]) }),
    ...(rng.chance(0.15) && topic !== null && { topic }),
    ...(rng.chance(0.1) && { sentAfter: new Date(one().sentAt - rng.int(0, 1)).toISOString() }),
    ...(rng.chance(0.1) && { sentBefore: new Date(one().sentAt + rng.int(0, 1)).toISOString() }),
    ...(rng.chance(0.15) && { orderBy: "RELEVANCE" as const }),
  };
}

const MOST = 1_000;

/** One word or two, a phrase, two characters, one, a beginning; of one text or of two. */
function words(rng: Random, one: () => Live): string {
  const piece = (): string => {
    const { text } = one();
    const tokens = tokensOf(text);
    if (tokens.length === 0) return "word";
    const at = rng.int(0, tokens.length - 1);
    const token = tokens[at] as (typeof tokens)[number];
    const upTo = tokens[Math.min(tokens.length - 1, at + rng.int(0, 3))]?.end ?? token.end;
    const word = text.slice(token.start, token.end);
    switch (rng.int(0, 5)) {
      case 0:
        return `"${text.slice(token.start, upTo).replaceAll('"', " ")}"`;
      case 1:
        return `${[...word].slice(0, 2).join("")}*`;
      case 2:
        return [...word][0] ?? "a";
      case 3:
        return word.toUpperCase();
      default:
        return word;
    }
  };
  return (
    Array.from({ length: rng.int(1, 2) }, piece)
      .join(" ")
      .slice(0, MOST)
      // Half a character is none.
      .replaceAll(/\p{Surrogate}|\0/gu, " ")
  );
}
