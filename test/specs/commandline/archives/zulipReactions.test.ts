import fc from "fast-check";
import { expect, test } from "vitest";
import { reactionStore } from "../../../../src/commandline/archives/zulipReactions.ts";
import { runs, seed } from "../../../support/property.ts";

test("reactions are those of their messages, in the order in which they came, however many there are", () => {
  const reaction = fc.record({ message: fc.nat({ max: 40 }), user: fc.nat(), name: fc.constantFrom("tada", "smile", "+1") });
  fc.assert(
    fc.property(fc.array(reaction, { maxLength: 3_000, size: "max" }), (given) => {
      const store = reactionStore();
      for (const { message, user, name } of given) store.add(message, user, { name, code: null, type: null });
      for (let message = 0; message <= 41; message++)
        expect([...store.of(message)]).toEqual(
          given
            .filter((each) => each.message === message)
            .map(({ user, name }) => ({ user, emoji: { name, code: null, type: null } })),
        );
    }),
    { numRuns: runs(30), seed: seed("reactions of Zulip") },
  );
});
