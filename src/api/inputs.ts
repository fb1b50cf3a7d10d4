import { z } from "zod";
import { MAX_TAGS, tag } from "../domain/events.ts";
import type { Refusal } from "../domain/refusal.ts";
import { isLonger } from "../domain/text.ts";
import { badInput } from "./badInput.ts";

/**
 * Turns clients' inputs into those of commands. The inputs.ts of each area builds on this. GraphQL has checked the types; the
 * limits are those of the events. A fault is a `Refusal` BAD_INPUT. Its `field` is the input's name as the client wrote it,
 * with list items by index (`tags.0.name`).
 */

/** Without half of a surrogate pair, and without U+0000. */
export const isWellFormed = (text: string): boolean => !/\p{Surrogate}|\0/u.test(text);
/** Whether a value is a text with at most `max` characters that is not blank. */
export const isName = (value: unknown, max: number): value is string =>
  typeof value === "string" && value.trim() !== "" && !isLonger(value, max) && isWellFormed(value);
export const nameOf = (max: number) => z.string().refine((text) => isName(text, max), `1 to ${max} characters, not all blank`);

/** Null and absent mean the same. */
export const optional = <T extends z.ZodType>(schema: T) => schema.nullish().transform((value) => value ?? null);
/** Null and absent mean the default. */
export const withUsual = <T extends z.ZodType>(schema: T, usual: z.output<T>) =>
  schema.nullish().transform((value) => value ?? usual);

/** The most that a `clientMutationId` has. */
export const KEY_CHARACTERS = 128;
/** Part of every mutation's input. */
export const keyed = { clientMutationId: nameOf(KEY_CHARACTERS) };
/** For people and for groups. */
export const tags = z.array(tag.extend({ score: withUsual(tag.shape.score, 1) })).max(MAX_TAGS);

/** Throws the `Refusal` of the first fault. */
export function parsed<T extends z.ZodType>(schema: T, input: unknown): z.output<T> {
  const result = schema.safeParse(input, { error: inOurWords });
  if (result.success) return result.data;
  throw refusalOf(result.error);
}

/** Used where the events' schemas have no message of their own. */
const inOurWords = (issue: z.core.$ZodRawIssue): string | undefined =>
  issue.code === "invalid_format" && issue.format === "date" ? "a day as YYYY-MM-DD" : undefined;

/** The refusal of the first fault. */
export function refusalOf({ issues: [issue] }: z.ZodError): Refusal {
  const field = issue?.path.map(String).join(".") ?? "";
  return badInput(field, issue?.message ?? "not allowed");
}
