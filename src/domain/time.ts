import { z } from "zod";

/**
 * A point of time as it is written: ISO 8601, on a day that exists, with `Z` or an offset (without one, it means something else
 * on every machine). Returns UTC with milliseconds.
 */
export const time = z.iso
  .datetime({ offset: true, error: "a time as 2024-05-31T12:00:00Z" })
  .transform((text) => new Date(text).toISOString())
  // An offset can lead out of the years with four digits, which are all that events can hold.
  .refine((text) => /^\d{4}-/.test(text), "a time of the years 0000 to 9999");
