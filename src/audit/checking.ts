import { z } from "zod";
import { hashIn, hashText, isSigned, treeHead } from "./heads.ts";
import { leafOf } from "./leaf.ts";
import { type Hash, isConsistent, rootOfInclusion } from "./merkle.ts";

const size = z.number().int().nonnegative().max(Number.MAX_SAFE_INTEGER);

/**
 * A proof that needs no server to be checked: that an event is in the log that a head was signed of. `since`: with an earlier
 * head, that nothing was changed from then to the later one.
 */
export const proof = z.object({
  head: treeHead,
  event: z.object({
    stream: z.string(),
    revision: size,
    id: z.string(),
    type: z.string(),
    data: z.string(),
    metadata: z.string(),
  }),
  inclusion: z.object({ index: size, treeSize: size, leaf: hashText, path: z.array(hashText).max(64) }),
  since: z.object({ head: treeHead, path: z.array(hashText).max(64) }).optional(),
});

export type Proof = z.output<typeof proof>;

/** What is wrong with a proof: sentences. None: it holds. `key`: who must have signed its heads. */
export function faultsOf({ head, event, inclusion, since }: Proof, key: string | undefined): string[] {
  const faults: string[] = [];
  const root = hashIn(head.root) as Hash;
  const heads = since ? [since.head, head] : [head];
  for (const each of heads) {
    if (!isSigned(each)) faults.push(`the signature of the head of ${each.size} events is wrong`);
    if (key !== undefined && each.key !== key) faults.push(`the head of ${each.size} events was signed by another key`);
  }
  const leaf = leafOf(event);
  if (leaf.toString("base64") !== inclusion.leaf) faults.push("the event is not the one that the proof is of");
  if (inclusion.treeSize !== head.size) faults.push("the proof is of a tree of another size than the head");
  if (rootOfInclusion(inclusion.index, inclusion.treeSize, leaf, hashesIn(inclusion.path))?.equals(root) !== true)
    faults.push("the event is not in the log that the head was signed of");
  if (since && !isConsistent(since.head.size, hashIn(since.head.root) as Hash, head.size, root, hashesIn(since.path)))
    faults.push(`the log of ${head.size} events does not begin with the ${since.head.size} of the earlier head`);
  return faults;
}

const hashesIn = (texts: readonly string[]): Hash[] => texts.map((text) => hashIn(text) as Hash);
