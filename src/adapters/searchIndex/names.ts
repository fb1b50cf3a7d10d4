const GENERATION = /^([a-z][a-z0-9]*@[0-9]+)#([0-9]+)$/;

/** The view of a generation: `search@1` for `search@1#2`. Throws `RangeError` if it is no generation's name. */
export function viewOf(generation: string): string {
  const match = GENERATION.exec(generation);
  if (match?.[1] === undefined) throw new RangeError(`${JSON.stringify(generation)} is no generation's name`);
  return match[1];
}

export const isGeneration = (target: string): boolean => target.includes("#");

const runOf = (generation: string): number => Number(GENERATION.exec(generation)?.[2] ?? 0);

/** Sorts generations of one view by number. */
export const byRun = (one: { name: string }, other: { name: string }): number => runOf(one.name) - runOf(other.name);

/** The parts of a message's id. Undefined if it does not have that form. */
export function messageOf(id: string): { conversationId: string; seq: number } | undefined {
  const [, conversationId, seq] = /^(.+):([0-9]{1,15})$/s.exec(id) ?? [];
  return conversationId === undefined ? undefined : { conversationId, seq: Number(seq) };
}

export const messageId = ({ conversationId, seq }: { conversationId: string; seq: number }): string => `${conversationId}:${seq}`;

/** Compares texts by their UTF-8 bytes. */
export const byBytes = (one: string, other: string): number => Buffer.compare(Buffer.from(one), Buffer.from(other));
