/** `search@1#2` taken apart. Throws `RangeError` for what is no generation's name. */
export function viewOf(generation: string): string {
  const match = /^([a-z][a-z0-9]*@[0-9]+)#[0-9]+$/.exec(generation);
  if (match?.[1] === undefined) throw new RangeError(`${JSON.stringify(generation)} is no generation's name`);
  return match[1];
}

export const isGeneration = (target: string): boolean => target.includes("#");
