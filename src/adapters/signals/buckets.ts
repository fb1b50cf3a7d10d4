/** FNV-1a over the UTF-16 units of a topic, folded to 16 bits: the bucket of so many (a power of two, at most 65,536). */
export function bucketOf(topic: string, buckets: number): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < topic.length; i++) hash = Math.imul(hash ^ topic.charCodeAt(i), 0x01000193);
  return (hash ^ (hash >>> 16)) & (buckets - 1);
}
