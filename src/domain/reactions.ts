/** How many users reacted to a message with an emoji. */
export type Reaction = { emoji: string; count: number };

/** The counts after one more, or one less, has reacted with an emoji. In the order in which each emoji came first. */
export function counted(reactions: readonly Reaction[], emoji: string, by: 1 | -1): Reaction[] {
  if (!reactions.some((reaction) => reaction.emoji === emoji))
    return by < 0 ? [...reactions] : [...reactions, { emoji, count: 1 }];
  return reactions
    .map((reaction) => (reaction.emoji === emoji ? { emoji, count: reaction.count + by } : reaction))
    .filter(({ count }) => count > 0);
}
