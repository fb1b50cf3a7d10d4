import type { Refusal } from "../../domain/refusal.ts";
import { badInput } from "../badInput.ts";

/** The default size of a page of results. */
export const USUAL_PAGE = 20;

export type PageArguments = { first?: number | null; after?: string | null };

/** Whether a part of a cursor is a number. */
export const isNumber = (text: string): boolean =>
  text.length <= 32 && /^-?[0-9]+(\.[0-9]+)?(e[+-]?[0-9]+)?$/.test(text) && Number.isFinite(Number(text));

/** The cursor is of another search, or not of any search. */
export const noCursor = (): Refusal => badInput("after", "the cursor of an edge of this search");
