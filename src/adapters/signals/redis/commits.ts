import type { Redis } from "./connection.ts";
import { endOf } from "./endOf.ts";

/**
 * How far a server has told what is new of some slices of the views, after the topics of it were told (`Signals`). Positions are
 * those of the log. Who hears of one that begins beyond the end of the last has missed something. `isAll`: anything may be news.
 */
export type Commit = { slices: readonly number[]; from: string; to: string; isAll: boolean };

export type Commits = {
  tell(commit: Commit): void;
  /** `by`: the id of the server that told of it. The returned function ends it. */
  hear(heard: (commit: Commit, by: string) => void): () => void;
};

/** Tells the servers of one log what was committed. `id`: see `redisSignals`. */
export function redisCommits(redis: Redis, prefix: string, id: string): Commits {
  const channel = `${prefix}:commits`;
  return {
    tell: ({ slices, from, to, isAll }) =>
      redis.say("PUBLISH", channel, [id, slices.join(","), from, to, isAll ? "all" : ""].join("\n")),
    hear: (heard) =>
      endOf(
        redis.hear(channel, (text) => {
          const [by = "", slices = "", from = "", to = "", all = ""] = text.split("\n");
          heard({ slices: slices === "" ? [] : slices.split(",").map(Number), from, to, isAll: all === "all" }, by);
        }),
      ),
  };
}
