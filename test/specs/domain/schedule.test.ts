import { describe, expect, test } from "vitest";
import { type Command, decider as schedule, type Event, FAILED_KEPT } from "../../../src/domain/schedule.ts";
import { given } from "../../support/given.ts";

const idOf = (number: number) => `00000000-0000-5000-8000-${String(number).padStart(12, "0")}`;
const ref = (number = 1) => ({ userId: "alice", id: idOf(number) });
const message = { conversationId: "d:alice~bob", kind: "TEXT", topic: null, text: "later", attachments: [] } as const;
const content = { sendAt: "2024-01-03T08:00:00.000Z", message: { ...message, attachments: [] } };

const ask = (number = 1, cap = 2): Command => ({ type: "Schedule", cap, ...ref(number), ...content });
const cancel = (number = 1): Command => ({ type: "Cancel", ...ref(number) });
const begin = (number = 1): Command => ({ type: "Begin", ...ref(number) });
const noteSent = (number = 1): Command => ({ type: "Sent", ...ref(number), conversationId: "d:alice~bob", seq: 3 });
const noteFailed = (number = 1): Command => ({ type: "Failed", ...ref(number), code: "FORBIDDEN" });

const scheduled = (number = 1): Event => ({ type: "MessageScheduled", data: { ...ref(number), ...content } });
const cancelled = (number = 1): Event => ({ type: "ScheduleCancelled", data: ref(number) });
const begun = (number = 1): Event => ({ type: "ScheduleBegun", data: ref(number) });
const sent = (number = 1): Event => ({ type: "ScheduleSent", data: { ...ref(number), conversationId: "d:alice~bob", seq: 3 } });
const failed = (number = 1): Event => ({ type: "ScheduleFailed", data: { ...ref(number), code: "FORBIDDEN" } });

describe("scheduling", () => {
  test("makes a message wait", () => given(schedule).when(ask()).then(scheduled()));
  test("is refused where as many wait as may", () =>
    given(schedule, scheduled(1), scheduled(2))
      .when(ask(3))
      .refused("LIMIT_EXCEEDED", { saying: /at most 2/ }));
  test("counts one that is being sent", () =>
    given(schedule, scheduled(1), scheduled(2), begun(1)).when(ask(3)).refused("LIMIT_EXCEEDED"));
  test.each([
    ["cancelled", [cancelled()]],
    ["sent", [begun(), sent()]],
    ["failed", [begun(), failed()]],
  ])("counts none that was %s", (_, over) =>
    given(schedule, scheduled(1), ...over, scheduled(2))
      .when(ask(3))
      .then(scheduled(3)),
  );
});

describe("cancelling", () => {
  test("takes one back that waits", () => given(schedule, scheduled(1), scheduled(2)).when(cancel(2)).then(cancelled(2)));
  test("is too late once it was begun", () =>
    given(schedule, scheduled(), begun()).when(cancel()).refused("CONFLICT", { field: "id" }));
  test("puts one away that failed", () => given(schedule, scheduled(), begun(), failed()).when(cancel()).then(cancelled()));
  test.each([
    ["there was none", []],
    ["it was cancelled", [scheduled(), cancelled()]],
    ["it was sent", [scheduled(), begun(), sent()]],
    ["it was put away", [scheduled(), begun(), failed(), cancelled()]],
  ])("is refused where %s", (_, past: Event[]) =>
    given(schedule, ...past)
      .when(cancel())
      .refused("NOT_FOUND", { field: "id" }),
  );
});

describe("sending", () => {
  test("begins once", () => {
    given(schedule, scheduled()).when(begin()).then(begun());
    given(schedule, scheduled(), begun()).when(begin()).nothing();
  });
  test("never begins for one that was cancelled, sent, or never there", () => {
    given(schedule, scheduled(), cancelled()).when(begin()).nothing();
    given(schedule, scheduled(), begun(), sent()).when(begin()).nothing();
    given(schedule).when(begin()).nothing();
  });
  test("ends in one outcome", () => {
    given(schedule, scheduled(), begun()).when(noteSent()).then(sent());
    given(schedule, scheduled(), begun()).when(noteFailed()).then(failed());
    given(schedule, scheduled(), begun(), sent()).when(noteSent()).nothing();
    given(schedule, scheduled(), begun(), sent()).when(noteFailed()).nothing();
    given(schedule, scheduled(), begun(), failed()).when(noteFailed()).nothing();
  });
  test("is a fact, also where another server noted a failure", () =>
    given(schedule, scheduled(), begun(), failed()).when(noteSent()).then(sent()));
});

test("failures are kept, the newest of them", () => {
  const numbers = Array.from({ length: FAILED_KEPT + 1 }, (_, index) => index + 1);
  const past = numbers.flatMap((number) => [scheduled(number), begun(number), failed(number)]);
  const { state } = given(schedule, ...past);
  expect(state).toEqual({ open: {}, failed: numbers.slice(1).map(idOf) });
});
