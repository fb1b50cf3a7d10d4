import { Refusal } from "../domain/refusal.ts";

/** What `field` may not be. The message begins with its name. */
export const badInput = (field: string, message: string): Refusal => new Refusal("BAD_INPUT", `${field}: ${message}`, { field });
