import { MAX_TEXT } from "../../domain/events.ts";

/** The names of files stand in the text where the files do not, if there is room. */
export function withNames(text: string | null, names: readonly string[]): string | null {
  if (names.length === 0) return text;
  const said = [...(text === null ? [] : [text]), ...names.map((name) => `[${name}]`)].join("\n");
  return text === null || said.length <= MAX_TEXT ? said : text;
}
