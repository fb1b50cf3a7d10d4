import { type EventData, type EventType, events } from "./events.ts";
import { Refusal } from "./refusal.ts";
import { nameText, wellFormed } from "./text.ts";

/**
 * An event made of what a caller wrote, in the form that its schema gives it (names trimmed). What the schema does not accept is
 * refused (BAD_INPUT, the member as `field`): a log never holds what cannot be read again.
 */
export function checked<T extends EventType>(type: T, data: EventData<T>): { type: T; data: EventData<T> } {
  const parsed = events[type].safeParse(data);
  if (!parsed.success) {
    const issue = parsed.error.issues[0];
    const field = issue?.path.join(".") ?? "";
    throw new Refusal("BAD_INPUT", `${field}: ${issue?.message}`, { field });
  }
  everyText(parsed.data, "");
  return { type, data: parsed.data as EventData<T> };
}

/** Refuses (BAD_INPUT) a value in which a text is not well-formed. `field`: what the value is called. */
export function everyText(value: unknown, field: string): void {
  if (typeof value === "string") wellFormed(value, field);
  else if (typeof value === "object" && value !== null)
    for (const [member, inner] of Object.entries(value)) everyText(inner, field === "" ? member : `${field}.${member}`);
}

/** Refuses tags if two of them have the same name. */
export function distinctTags(tags: readonly { name: string }[]): void {
  const names = new Set<string>();
  for (const { name } of tags) {
    const same = name.normalize("NFC");
    if (names.has(same)) throw new Refusal("BAD_INPUT", `the tag "${name}" is given twice`, { field: "tags" });
    names.add(same);
  }
}

/** Tags with their names as they are kept. Refuses (BAD_INPUT) a name in which nothing can be seen. */
export const namedTags = <Tag extends { name: string }>(tags: readonly Tag[]): Tag[] =>
  tags.map((tag, place) => ({ ...tag, name: nameText(tag.name, `tags.${place}.name`) }));
