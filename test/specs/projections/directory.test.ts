import { describe, test } from "vitest";
import { directory } from "../../../projections/directory.ts";
import { del, put } from "../../../src/projecting/projection.ts";
import {
  botTokenMade,
  deactivated,
  groupChanged,
  groupCreated,
  handleClaimed,
  handleReleased,
  profileUpdated,
  reactivated,
  registered,
} from "../../support/happened.ts";
import { AT, given, position } from "../../support/projected.ts";

const profile = { avatarUrl: null, gender: null, birthday: null, signature: null, tags: [] };

describe("a user", () => {
  test("is there as they described themselves", () =>
    given(directory)
      .when(registered("ann", { name: "Ann", signature: "here" }))
      .then(put("users", "ann", "", { ...profile, handle: "ann", name: "Ann", signature: "here" })));

  test("who changes keeps what they did not name, and loses what they took away", () =>
    given(
      directory,
      registered("ann", { name: "Ann", signature: "here", gender: "FEMALE" }),
      profileUpdated("ann", { name: "Anna", signature: null }),
      profileUpdated("ann", { handle: "anna" }),
    ).holds("users", "ann", { "": { ...profile, gender: "FEMALE", handle: "anna", name: "Anna" } }));

  test("who is deactivated keeps all else, and may become active again", async () => {
    const ann = { ...profile, handle: "ann", name: "Ann" };
    const before = [registered("ann", { name: "Ann" }), deactivated("ann")] as const;
    await given(directory, ...before).holds("users", "ann", { "": { ...ann, deactivated: true } });
    await given(directory, ...before, reactivated("ann")).holds("users", "ann", { "": ann });
  });

  test("who is a bot has one token, which is known by its hash", async () => {
    const [one, other] = ["a", "b"].map((sign) => sign.repeat(43)) as [string, string];
    await given(directory)
      .when(registered("robot", { name: "Robot", bot: true }))
      .then(put("users", "robot", "", { ...profile, handle: "robot", name: "Robot", bot: true }));
    await given(directory, botTokenMade("robot", one), botTokenMade("robot", other)).holds("botTokens", "robot", { "": other });
  });

  test("is found by the handle that they hold, until they release it", async () => {
    await given(directory)
      .when(handleClaimed("ann", "anna"))
      .then(put("handles", "anna", "", "ann"));
    await given(directory, handleClaimed("ann", "anna"))
      .when(handleReleased("ann", "anna"))
      .then(del("handles", "anna", ""));
    await given(directory, handleClaimed("ann", "x"), handleReleased("ann", "x"), handleClaimed("bob", "x")).holds(
      "handles",
      "x",
      {
        "": "bob",
      },
    );
  });
});

test("a group is there with the time of its making, and without its id or whether it was imported", async () => {
  const { groupId: _id, ...described } = groupCreated("ann", { title: "Chess", public: true }).data;
  for (const more of [{}, { imported: true as const }])
    await given(directory)
      .when(groupCreated("ann", { title: "Chess", public: true, ...more }))
      .then(put("groups", "g:readers", "", { ...described, createdAt: AT }));
});

test("of a group it is known where what it is found by changed last", () =>
  given(
    directory,
    groupCreated("ann", { title: "Chess" }),
    groupChanged({ title: "Go" }, "ann"),
    groupChanged({ category: "games" }, "ann"),
    groupChanged({ description: "we play", announcement: "on Fridays", public: true }, "ann"),
  ).holds("described", "g:readers", { "": position(3) }));
