import type { StoredEvent } from "../ports/storedEvents.ts";
import { type Hash, leafHash } from "./merkle.ts";

/** What of an event its leaf stands for: everything but its place, which is the leaf's place in the tree. */
export type LeafEvent = Omit<StoredEvent, "position">;

/** Says what follows it, and keeps leaves of later forms apart from these. */
const FORM = "tidings event 1\n";

/**
 * The bytes that the leaf of an event hashes: the line `tidings event 1`, and the JSON of an array of its stream, its revision,
 * its id, its type, and the two texts that are stored, its data and its metadata; in UTF-8.
 */
export const leafBytes = ({ stream, revision, id, type, data, metadata }: LeafEvent): Buffer =>
  Buffer.from(FORM + JSON.stringify([stream, revision, id, type, data, metadata]));

/** The leaf of an event. A lone half of a surrogate pair, which UTF-8 does not have, stays apart: JSON escapes it. */
export const leafOf = (event: LeafEvent): Hash => leafHash(leafBytes(event));
