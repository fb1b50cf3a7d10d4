/**
 * The ids of those whom a text names, as `@name`, each once, in the order of the text. `known`: ids by names. Where one name
 * begins with another, the longer one counts.
 */
export function mentionsIn(text: string, known: ReadonlyMap<string, string>): string[] {
  const names = [...known.keys()].filter((name) => name !== "").sort((one, other) => other.length - one.length);
  const found = new Set<string>();
  for (let at = text.indexOf("@"); at >= 0; at = text.indexOf("@", at + 1)) {
    const name = names.find((one) => text.startsWith(one, at + 1));
    if (name !== undefined) found.add(known.get(name) ?? "");
  }
  return [...found];
}
