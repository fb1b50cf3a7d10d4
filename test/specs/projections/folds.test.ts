import { describe, test } from "vitest";
import { folds } from "../../../projections/folds.ts";
import { streams } from "../../../src/domain/ids.ts";
import { del, put } from "../../../src/projecting/projection.ts";
import {
  GROUP,
  groupChanged,
  groupCreated,
  handleClaimed,
  joined,
  left,
  locationChanged,
  nothingChanged,
  registered,
  transferred,
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
const state = { groupId: GROUP };
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
