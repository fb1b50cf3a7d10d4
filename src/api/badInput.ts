import { Refusal } from "../domain/refusal.ts";

/** The refusal of an input. The message begins with the field's name. */
export const badInput = (field: string, message: string): Refusal => new Refusal("BAD_INPUT", `${field}: ${message}`, { field });
