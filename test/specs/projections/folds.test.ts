import { describe, test } from "vitest";
import { folds } from "../../../projections/folds.ts";
import { streams } from "../../../src/domain/ids.ts";
import { del, put } from "../../../src/projecting/projection.ts";
import {
  GROUP,
  groupChanged,
  groupCreated,
  handleClaimed,
  joinDeclined,
  joined,
  joinRequested,
  left,
  locationChanged,
  nothingChanged,
  reacted,
  recalled,
  registered,
  transferred,
  unreacted,
} from "../../support/happened.ts";
import { given, idOf, position } from "../../support/projected.ts";

const GROUP_STREAM = streams.group(GROUP);
const described = {
  userId: "ann",
  handle: "ann",
  name: "ann",
  avatarUrl: null,
  gender: null,
  birthday: null,
  signature: null,
  tags: [],
};
const state = { groupId: GROUP, waiting: 0 };
const profile = {
  title: "Readers",
  avatarUrl: null,
  description: null,
  announcement: null,
  category: null,
  tags: [],
  joinPolicy: "OPEN",
  public: false,
  historyVisible: false,
};

test("a handle is who holds it", () => {
  const claimed = handleClaimed("ann", "anna");
  return given(folds)
    .when(claimed)
    .then(
      put("states", claimed.stream, "", { state: { handle: "anna", userId: "ann" }, revision: 0, position: position(1) }),
      put("ids", claimed.stream, idOf(1), 0),
    );
});

describe("a group's members", () => {
  test("lie beside its state, a row each", () =>
    given(folds, groupCreated("ann"))
      .when(joined("bob"))
      .then(
        put("states", GROUP_STREAM, "", { state, revision: 1, position: position(2) }),
        put("ids", GROUP_STREAM, idOf(2), 1),
        put("members", GROUP_STREAM, "bob", "MEMBER"),
      ));

  test("are gone once they left", () =>
    given(folds, groupCreated("ann"), joined("bob"))
      .when(left("bob"))
      .then(
        put("states", GROUP_STREAM, "", { state, revision: 2, position: position(3) }),
        put("ids", GROUP_STREAM, idOf(3), 2),
        del("members", GROUP_STREAM, "bob"),
      ));

  test("who wait for an answer are counted", async () => {
    const asking = [groupCreated("ann"), joinRequested("bob"), joinRequested("cat")];
    const stateAfter = (waiting: number, events: number) => ({
      "": { state: { ...state, waiting }, revision: events - 1, position: position(events) },
    });
    await given(folds, ...asking).holds("states", GROUP_STREAM, stateAfter(2, 3));
    await given(folds, ...asking, joinDeclined("bob", "ann")).holds("states", GROUP_STREAM, stateAfter(1, 4));
  });

  test("change their roles together where one gives the group to another", () =>
    given(folds, groupCreated("ann"), joined("bob"), transferred("ann", "bob")).holds("members", GROUP_STREAM, {
      ann: "ADMIN",
      bob: "OWNER",
    }));
});

test("what a group says of itself lies beside its state, and is written only when it changes", () =>
  given(folds, groupCreated("ann"), joined("bob"))
    .when(groupChanged({ title: "Books" }, "ann"))
    .then(
      put("states", GROUP_STREAM, "", { state, revision: 2, position: position(3) }),
      put("ids", GROUP_STREAM, idOf(3), 2),
      put("profiles", GROUP_STREAM, "", { ...profile, title: "Books" }),
    ));

test("an exact place is in no row", () =>
  given(folds, registered("ann"), locationChanged("ann", { latitude: 52.52, longitude: 13.405 })).holds(
    "states",
    streams.user("ann"),
    { "": { state: described, revision: 1, position: position(2) } },
  ));

test("a command that changed nothing is known by its event, and leaves the state as it was", async () => {
  await given(folds, groupCreated("ann"))
    .when(nothingChanged(GROUP_STREAM, "ann"))
    .then(put("states", GROUP_STREAM, "", { state, revision: 1, position: position(2) }), put("ids", GROUP_STREAM, idOf(2), 1));
});

describe("reactions", () => {
  const stream = streams.annotation(GROUP, 7);
  const counts = [
    { emoji: "👍", count: 2 },
    { emoji: "🎉", count: 1 },
  ];
  const past = [reacted("ann", 7, "👍"), reacted("bob", 7, "👍"), reacted("bob", 7, "🎉")];

  test("are a row for each user, beside a state that only counts them", async () => {
    const rows = given(folds, ...past);
    await rows.holds("states", stream, { "": { state: { recalled: false, counts }, revision: 2, position: position(3) } });
    await rows.holds("reactions", stream, { ann: ["👍"], bob: ["👍", "🎉"] });
  });

  test("one of them reads and writes the row of its user alone", () =>
    given(folds, ...past)
      .when(unreacted("ann", 7, "👍"))
      .then(
        put("states", stream, "", {
          state: {
            recalled: false,
            counts: [
              { emoji: "👍", count: 1 },
              { emoji: "🎉", count: 1 },
            ],
          },
          revision: 3,
          position: position(4),
        }),
        put("ids", stream, idOf(4), 3),
        del("reactions", stream, "ann"),
      ));

  test("are not in the state of a recalled message", () =>
    given(folds, ...past, recalled("ann", 7)).holds("states", stream, {
      "": { state: { recalled: true }, revision: 3, position: position(4) },
    }));
});
