/** What is folded beside a generation for a while: to be compared with it, or to put one conversation of it right. */
const KINDS = ["compared", "as-it-is", "anew"] as const;

/** The name of such rows. They belong to no generation, and are dropped by whoever made them, or with the generation. */
export const scratchOf = (generation: string, kind: (typeof KINDS)[number]): string => `${generation}~${kind}`;

/** Whether a name is that of such rows. */
export const isScratch = (name: string): boolean => name.includes("~");

/** All that may have been left of a generation by who was killed. */
export const scratchesOf = (generation: string): string[] => KINDS.map((kind) => scratchOf(generation, kind));
