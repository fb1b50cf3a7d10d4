/*
 * A row's key is one text, `table NUL partition NUL sort`. LevelDB orders keys by their UTF-8 bytes. No part contains a NUL. So
 * keys are ordered by table, then by partition, then by sort. Two names stay apart even if one begins with the other.
 */

export const rowKey = (table: string, partition: string, sort: string): string => `${table}\0${partition}\0${sort}`;

/** The beginning of all keys of a partition. */
export const partitionPrefix = (table: string, partition: string): string => `${table}\0${partition}\0`;

/** Above every key of the partition, and not above any key of the next one: no byte lies between NUL and this. */
export const partitionEnd = (table: string, partition: string): string => `${table}\0${partition}\x01`;

/** The range of all keys of a generation's tables. Their names are `<generation>/<name>`, and "0" is the byte after "/". */
export const generationRange = (generation: string): { gte: string; lt: string } => ({
  gte: `${generation}/`,
  lt: `${generation}0`,
});

/** The key of a generation's checkpoint: a position. */
export const checkpointKey = (generation: string): string => rowKey("checkpoints", generation, "");

/** The range of the checkpoints of a generation's slices, and of their anchors: they are named `<generation>/<slice>`. */
export const sliceCheckpoints = (generation: string): { gte: string; lt: string } => ({
  gte: checkpointKey(`${generation}/`).slice(0, -1),
  lt: checkpointKey(`${generation}0`).slice(0, -1),
});

/** The key of the anchor that belongs to a generation's checkpoint. */
export const anchorKey = (generation: string): string => rowKey("checkpoints", generation, "anchor");
