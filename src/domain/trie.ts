/**
 * A map whose versions share what they have in common (a hash trie, after Bagwell, "Ideal Hash Trees", 2001): a change copies the
 * few nodes on its path, and every earlier version stays as it was. For states that hold thousands of entries and change by one
 * at a time.
 */
export type Trie<Value> = { readonly size: number; readonly root: Node<Value> };

type Leaf<Value> = ReadonlyMap<string, Value>;
/** A node for each value of the next five bits of the hash. */
type Branch<Value> = readonly Node<Value>[];
type Node<Value> = Leaf<Value> | Branch<Value>;

const BITS = 5;
const WIDTH = 1 << BITS;
/** A leaf with more entries becomes a branch, while there are bits left. */
const LEAF = 8;
const LAST_SHIFT = 25;

const NONE: Leaf<never> = new Map<string, never>();
export const emptyTrie: Trie<never> = { size: 0, root: NONE };

export function trieGet<Value>(trie: Trie<Value>, key: string): Value | undefined {
  let node = trie.root;
  for (let bits = hash(key); !isLeaf(node); bits >>>= BITS) node = node[bits & (WIDTH - 1)] ?? NONE;
  return node.get(key);
}

export function trieSet<Value>(trie: Trie<Value>, key: string, value: Value & {}): Trie<Value> {
  const size = trieGet(trie, key) === undefined ? trie.size + 1 : trie.size;
  return { size, root: change(trie.root, key, hash(key), 0, value) };
}

export function trieDelete<Value>(trie: Trie<Value>, key: string): Trie<Value> {
  if (trieGet(trie, key) === undefined) return trie;
  return { size: trie.size - 1, root: change(trie.root, key, hash(key), 0, undefined) };
}

/** Every entry, in no particular order. */
export function* trieEntries<Value>(trie: Trie<Value>): Generator<[string, Value]> {
  const nodes: Node<Value>[] = [trie.root];
  for (let node = nodes.pop(); node !== undefined; node = nodes.pop()) {
    if (isLeaf(node)) yield* node;
    else nodes.push(...node);
  }
}

const isLeaf = <Value>(node: Node<Value>): node is Leaf<Value> => node instanceof Map;

/** The node with the key set to `value`, or without it (`undefined`). */
function change<Value>(node: Node<Value>, key: string, bits: number, shift: number, value: Value | undefined): Node<Value> {
  if (!isLeaf(node)) {
    const slot = (bits >>> shift) & (WIDTH - 1);
    const copy = node.slice();
    copy[slot] = change(node[slot] ?? NONE, key, bits, shift + BITS, value);
    return copy;
  }
  const copy = new Map(node);
  if (value === undefined) copy.delete(key);
  else copy.set(key, value);
  return copy.size > LEAF && shift <= LAST_SHIFT ? split(copy, shift) : copy;
}

function split<Value>(entries: Leaf<Value>, shift: number): Branch<Value> {
  let branch: Node<Value> = new Array<Node<Value>>(WIDTH).fill(NONE);
  for (const [key, value] of entries) branch = change(branch, key, hash(key), shift, value);
  return branch as Branch<Value>;
}

/** FNV-1a, its high bits mixed into the low ones. */
function hash(key: string): number {
  let bits = 0x811c9dc5;
  for (let at = 0; at < key.length; at++) bits = Math.imul(bits ^ key.charCodeAt(at), 0x01000193);
  bits = Math.imul(bits ^ (bits >>> 16), 0x45d9f3b);
  return (bits ^ (bits >>> 16)) >>> 0;
}
