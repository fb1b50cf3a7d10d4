/** The first and the last byte of a part, from 0. */
export type Range = { from: number; to: number };

const SINGLE = /^bytes=\s*(\d{0,15})\s*-\s*(\d{0,15})\s*$/i;

/**
 * What a `Range` header asks for of so many bytes (RFC 9110, 14.2). Undefined: all of them, as where it asks for several parts
 * or is not understood. `none`: there are no such bytes.
 */
export function rangeOf(header: string | undefined, size: number): Range | "none" | undefined {
  const [, first, last] = SINGLE.exec(header ?? "") ?? [];
  if (first === undefined || last === undefined || (first === "" && last === "")) return undefined;
  if (first === "") {
    const length = Math.min(Number(last), size);
    return length === 0 ? "none" : { from: size - length, to: size - 1 };
  }
  const from = Number(first);
  const to = last === "" ? size - 1 : Math.min(Number(last), size - 1);
  if (last !== "" && Number(last) < from) return undefined;
  return from >= size ? "none" : { from, to };
}
