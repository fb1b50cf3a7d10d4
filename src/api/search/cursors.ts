import type { Refusal } from "../../domain/refusal.ts";
import { badInput } from "../badInput.ts";

/** Things found on a page, where nobody says how many. */
export const USUAL_PAGE = 20;

export type PageArguments = { first?: number | null; after?: string | null };

/** A number that a part of a cursor stands for. */
export const isNumber = (text: string): boolean =>
  text.length <= 32 && /^-?[0-9]+(\.[0-9]+)?(e[+-]?[0-9]+)?$/.test(text) && Number.isFinite(Number(text));

/** The cursor is of another search, or of none. */
export const noCursor = (): Refusal => badInput("after", "the cursor of an edge of this search");
