import { isDeepStrictEqual } from "node:util";
import { expect } from "vitest";

/**
 * Expects that one is as the other. For what is large, or compared very often: an expectation looks at each value in a way that
 * takes ten times as long, and is made only to tell of a difference.
 */
export function same<T>(found: T, wanted: T, what?: string): void {
  if (!isDeepStrictEqual(found, wanted)) expect(found, what).toEqual(wanted);
}
