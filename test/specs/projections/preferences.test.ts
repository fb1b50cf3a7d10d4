import { describe, test } from "vitest";
import { preferences } from "../../../projections/preferences.ts";
import { put } from "../../../src/projecting/projection.ts";
import { GROUP, preferencesChanged } from "../../support/happened.ts";
import { given, position } from "../../support/projected.ts";

const usual = { muted: false, pinned: false, hiddenAt: null, nickname: null };

describe("what a user wants of a conversation", () => {
  test("is added to what they wanted before", () =>
    given(preferences, preferencesChanged("ann", { muted: true }), preferencesChanged("ann", { nickname: "Annie" }))
      .when(preferencesChanged("ann", { pinned: true }))
      .then(put("preferences", "ann", GROUP, { ...usual, muted: true, pinned: true, nickname: "Annie" })));

  test("is hidden from the newest place where they said so, until they say otherwise", async () => {
    const hide = preferencesChanged("ann", { hidden: true });
    await given(preferences, hide, hide).holds("preferences", "ann", { [GROUP]: { ...usual, hiddenAt: position(2) } });
    await given(preferences, hide, preferencesChanged("ann", { muted: true })).holds("preferences", "ann", {
      [GROUP]: { ...usual, muted: true, hiddenAt: position(1) },
    });
  });

  test("leaves no row once it is as it comes", () =>
    given(
      preferences,
      preferencesChanged("ann", { muted: true, hidden: true, nickname: "Annie" }),
      preferencesChanged("ann", { muted: false, hidden: false, nickname: null }),
    ).holds("preferences", "ann", {}));

  test("is each user's, of each conversation", async () => {
    const rows = given(
      preferences,
      preferencesChanged("ann", { muted: true }),
      preferencesChanged("ann", { pinned: true }, "d:ann~bob"),
      preferencesChanged("bob", { pinned: true }, "d:ann~bob"),
    );
    await rows.holds("preferences", "ann", { [GROUP]: { ...usual, muted: true }, "d:ann~bob": { ...usual, pinned: true } });
    await rows.holds("preferences", "bob", { "d:ann~bob": { ...usual, pinned: true } });
  });
});
