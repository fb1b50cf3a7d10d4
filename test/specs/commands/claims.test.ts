import { describe, expect, test } from "vitest";
import { claimHandle } from "../../../src/commands/claims.ts";
import { commandHandler, type Handle } from "../../../src/commands/handle.ts";
import { handleStream, lookStream } from "../../../src/commands/handleStream.ts";
import { decider } from "../../../src/domain/handle.ts";
import { Refusal } from "../../../src/domain/refusal.ts";
import { memoryLog } from "../../support/memoryLog.ts";
import { refused } from "../../support/refused.ts";

/** The first letter is Cyrillic: it looks like `ann`. */
const CYRILLIC = "\u0430nn";
const by = (actorId: string) => ({ actorId, clientMutationId: "k", at: "2026-05-04T10:00:00.000Z" });

/** Claims, of which those of the handle itself end as `end` says once they are stored. */
function claims(end: () => void) {
  const log = memoryLog();
  const handle = commandHandler({ log });
  const ending: Handle = async (call) => {
    const handled = await handle(call);
    if (call.stream === handleStream(CYRILLIC)) end();
    return handled;
  };
  const holderOf = async (stream: string) => {
    const events = await log.read(stream, 0, "forwards", 100);
    return events.reduce((state, event) => decider.evolve(state, event as never), decider.initial).userId;
  };
  return { handle, ending, holderOf };
}

describe("the look of a handle", () => {
  test("stays with who claimed it if it is not known whether the handle is theirs, and a repeat goes on", async () => {
    const { handle, ending, holderOf } = claims(() => {
      throw new Refusal("UNAVAILABLE", "the outcome is unknown");
    });
    await refused(claimHandle(ending, CYRILLIC, "ann", by("ann")), "UNAVAILABLE");
    expect([await holderOf(lookStream(CYRILLIC)), await holderOf(handleStream(CYRILLIC))]).toEqual(["ann", "ann"]);
    await refused(claimHandle(handle, "ann", "ben", by("ben")), "CONFLICT", "handle");
    await claimHandle(handle, CYRILLIC, "ann", by("ann"));
    expect([await holderOf(lookStream(CYRILLIC)), await holderOf(handleStream(CYRILLIC))]).toEqual(["ann", "ann"]);
  });

  test("stays with them after a fault of the server too", async () => {
    const { ending, holderOf } = claims(() => {
      throw new Error("a fault");
    });
    await expect(claimHandle(ending, CYRILLIC, "ann", by("ann"))).rejects.toThrow("a fault");
    expect(await holderOf(lookStream(CYRILLIC))).toBe("ann");
  });

  test("is free again if the handle is refused", async () => {
    const { ending, holderOf } = claims(() => {
      throw new Refusal("CONFLICT", "this handle is taken", { field: "handle" });
    });
    await refused(claimHandle(ending, CYRILLIC, "ann", by("ann")), "CONFLICT", "handle");
    expect(await holderOf(lookStream(CYRILLIC))).toBeUndefined();
  });
});
