/** Where a word of letters goes on. Chinese names are followed by text without a space. */
const LATIN = /^[\p{Script=Latin}\p{Nd}_]$/u;

/**
 * The ids of those whom a text names, as `@name`, each once, in the order of the text. `known`: ids by names. Where one name
 * begins with another, the longer one counts; `@Anna` is not Ann.
 */
export function mentionsIn(text: string, known: ReadonlyMap<string, string>): string[] {
  const names = [...known.keys()].filter((name) => name !== "").sort((one, other) => other.length - one.length);
  const isWhole = (name: string, end: number): boolean => !LATIN.test(name.at(-1) ?? "") || !LATIN.test(text.charAt(end));
  const found = new Set<string>();
  for (let at = text.indexOf("@"); at >= 0; at = text.indexOf("@", at + 1)) {
    const name = names.find((one) => text.startsWith(one, at + 1) && isWhole(one, at + 1 + one.length));
    if (name !== undefined) found.add(known.get(name) ?? "");
  }
  return [...found];
}
