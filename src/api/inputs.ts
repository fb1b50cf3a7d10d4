import { z } from "zod";
import { MAX_TAGS, tag } from "../domain/events.ts";
import type { Refusal } from "../domain/refusal.ts";
import { isLonger } from "../domain/text.ts";
import { badInput } from "./badInput.ts";

/*
 * How what clients write becomes what commands take: each area's inputs.ts is made of this. GraphQL has seen to the types;
 * the bounds are those of the events. A fault is a `Refusal` BAD_INPUT whose `field` is the input's name as the client wrote
 * it, a member of a list by its place (`tags.0.name`).
 */

/** Half a surrogate pair, or U+0000. */
export const isWellFormed = (text: string): boolean => !/\p{Surrogate}|\0/u.test(text);
/** A text that is not all blank, of so many characters at most. */
export const nameOf = (max: number) =>
  z
    .string()
    .refine((text) => text.trim() !== "" && !isLonger(text, max) && isWellFormed(text), `1 to ${max} characters, not all blank`);

/** Null and absent say the same. */
export const optional = <T extends z.ZodType>(schema: T) => schema.nullish().transform((value) => value ?? null);
/** Null and absent are what is usual. */
export const withUsual = <T extends z.ZodType>(schema: T, usual: z.output<T>) =>
  schema.nullish().transform((value) => value ?? usual);

/** What every input of a mutation has. */
export const keyed = { clientMutationId: nameOf(128) };
/** Of people and of groups. */
export const tags = z.array(tag.extend({ score: withUsual(tag.shape.score, 1) })).max(MAX_TAGS);

/** Throws the `Refusal` of the first thing that is wrong. */
export function parsed<T extends z.ZodType>(schema: T, input: unknown): z.output<T> {
  const result = schema.safeParse(input, { error: inOurWords });
  if (result.success) return result.data;
  throw refusalOf(result.error);
}

/** Where the schemas of the events say nothing themselves. */
const inOurWords = (issue: z.core.$ZodRawIssue): string | undefined =>
  issue.code === "invalid_format" && issue.format === "date" ? "a day as YYYY-MM-DD" : undefined;

/** Of the first thing that is wrong. */
export function refusalOf({ issues: [issue] }: z.ZodError): Refusal {
  const field = issue?.path.map(String).join(".") ?? "";
  return badInput(field, issue?.message ?? "not allowed");
}
