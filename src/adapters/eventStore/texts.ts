/** An event as text: id, type, data (JSON), metadata (JSON). A tuple, because it is half as dear to pass between threads. */
export type EventTexts = [id: string, type: string, data: string, metadata: string];

/** An event's id. Throws `TypeError` for one that is no UUID. */
export function uuid(id: string): string {
  if (!/^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(id)) throw new TypeError(`${JSON.stringify(id)} is no UUID`);
  return id;
}

/** What an event carries, as JSON. Throws `TypeError` for what there is no JSON of. */
export function json(value: unknown): string {
  // What the type of stringify hides: there is no text for undefined or a function.
  const text = JSON.stringify(value) as string | undefined;
  if (text === undefined) throw new TypeError("an event's data is plain JSON");
  return text;
}
