const GENERATION = /^([a-z][a-z0-9]*@[0-9]+)#([0-9]+)$/;

/** `search@1#2` taken apart. Throws `RangeError` for what is no generation's name. */
export function viewOf(generation: string): string {
  const match = GENERATION.exec(generation);
  if (match?.[1] === undefined) throw new RangeError(`${JSON.stringify(generation)} is no generation's name`);
  return match[1];
}

export const isGeneration = (target: string): boolean => target.includes("#");

const runOf = (generation: string): number => Number(GENERATION.exec(generation)?.[2] ?? 0);

/** Generations of one view, by number. */
export const byRun = (one: { name: string }, other: { name: string }): number => runOf(one.name) - runOf(other.name);

/** A message's id taken apart; undefined where it has not the shape of one. */
export function messageOf(id: string): { conversationId: string; seq: number } | undefined {
  const [, conversationId, seq] = /^(.+):([0-9]{1,15})$/s.exec(id) ?? [];
  return conversationId === undefined ? undefined : { conversationId, seq: Number(seq) };
}

export const messageId = ({ conversationId, seq }: { conversationId: string; seq: number }): string => `${conversationId}:${seq}`;

/** The order of texts by their UTF-8 bytes. */
export const byBytes = (one: string, other: string): number => Buffer.compare(Buffer.from(one), Buffer.from(other));
