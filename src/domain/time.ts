import { z } from "zod";

/**
 * A point of time as it is written: ISO 8601, of a day that there is, with `Z` or an offset (what has none means something else on every machine). Gives
 * UTC with milliseconds.
 */
export const time = z.iso
  .datetime({ offset: true, error: "a time as 2024-05-31T12:00:00Z" })
  .transform((text) => new Date(text).toISOString())
  // An offset can lead out of the years of four digits, which is what events hold.
  .refine((text) => /^\d{4}-/.test(text), "a time of the years 0000 to 9999");
