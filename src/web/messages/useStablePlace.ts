import { useState } from "react";

/** Far enough from 0 for all that may come above. */
const START = 10_000_000;

type Place = {
  keys: readonly string[];
  /** The number of the first entry. It goes down by as many as come above, so that all others keep theirs. */
  first: number;
  /** Goes up when other messages are shown than before: then nothing is to be kept in place. */
  generation: number;
};

/** Numbers for the entries of a list that grows both ways. */
export function useStablePlace(keys: readonly string[]): Place {
  const [place, setPlace] = useState<Place>({ keys, first: START, generation: 0 });
  if (place.keys === keys) return place;
  const next = moved(place, keys);
  setPlace(next);
  return next;
}

function moved({ keys: before, first, generation }: Place, keys: readonly string[]): Place {
  if (before.length === 0) return { keys, first: START, generation: generation + (keys.length > 0 ? 1 : 0) };
  const numbers = new Map(before.map((key, index) => [key, index]));
  const index = keys.findIndex((key) => numbers.has(key));
  const former = numbers.get(keys[index] ?? "");
  if (former === undefined) return { keys, first: START, generation: generation + 1 };
  return { keys, first: first + former - index, generation };
}
