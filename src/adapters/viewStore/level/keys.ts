/*
 * A row's key is one text, `table NUL partition NUL sort`, which LevelDB orders by its UTF-8 bytes. No part holds a NUL, so the byte order of
 * keys is the order of tables, then of partitions, then of sorts, and a name that is another's prefix stays apart from it.
 */

export const rowKey = (table: string, partition: string, sort: string): string => `${table}\0${partition}\0${sort}`;

/** What the keys of a partition begin with. */
export const partitionPrefix = (table: string, partition: string): string => `${table}\0${partition}\0`;

/** Above every key of the partition, and not above any key of the next: no byte lies between NUL and this. */
export const partitionEnd = (table: string, partition: string): string => `${table}\0${partition}\x01`;

/** Every key of a generation's tables, which are called `<generation>/<name>`: "0" is the byte after "/". */
export const generationRange = (generation: string): { gte: string; lt: string } => ({
  gte: `${generation}/`,
  lt: `${generation}0`,
});

/** Throws where a part of a key could reach into another one's rows: that is a bug of the caller, never a state of the disk. */
export function assertPart(part: string): void {
  if (part.includes("\0")) throw new TypeError(`a row's name holds U+0000: ${JSON.stringify(part)}`);
}

/** The row of a generation's checkpoint: a position. */
export const checkpointKey = (generation: string): string => rowKey("checkpoints", generation, "");

/** The row of the anchor beside a generation's checkpoint. */
export const anchorKey = (generation: string): string => rowKey("checkpoints", generation, "anchor");
