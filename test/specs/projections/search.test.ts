import { describe, test } from "vitest";
import { search } from "../../../projections/search/search.ts";
import { snapped } from "../../../src/domain/place.ts";
import { put, seqKey } from "../../../src/projecting/projection.ts";
import {
  edited,
  GROUP,
  groupCreated,
  imported,
  locationChanged,
  profileUpdated,
  recalled,
  registered,
  sent,
} from "../../support/happened.ts";
import { AT, given, position } from "../../support/projected.ts";

const document = (seq: number, more: object = {}) => ({
  conversationId: GROUP,
  seq,
  version: position(seq),
  senderId: "ann",
  kind: "TEXT",
  topic: null,
  sentAt: Date.parse(AT),
  text: "hello",
  ...more,
});

describe("a message", () => {
  test("is found by its words, with an empty text where it has none", async () => {
    await given(search, sent("ann"))
      .when(sent("ann"))
      .then(put("messages", GROUP, seqKey(2), document(2)));
    await given(search)
      .when(sent("ann", { text: null }))
      .then(put("messages", GROUP, seqKey(1), document(1, { text: "" })));
  });

  test("of an archive is found by its own time", () =>
    given(search)
      .when(imported("ann", "2019-01-02T03:04:05.000Z"))
      .then(put("messages", GROUP, seqKey(1), document(1, { sentAt: Date.UTC(2019, 0, 2, 3, 4, 5) }))));

  test("is found by what it says now", () =>
    given(search, sent("ann"))
      .when(edited("ann", 1, "good bye"))
      .then(put("messages", GROUP, seqKey(1), document(1, { text: "good bye", version: position(2) }))));

  test("that was recalled leaves nothing but where, and is found no more by an edit that comes later", async () => {
    const gone = { conversationId: GROUP, seq: 1, version: position(2), recalled: true };
    await given(search, sent("ann"))
      .when(recalled("ann", 1))
      .then(put("messages", GROUP, seqKey(1), gone));
    await given(search, sent("ann"), recalled("ann", 1))
      .when(edited("ann", 1, "again"))
      .nothing();
  });

  test("that was never sent cannot be edited", () =>
    given(search)
      .when(edited("ann", 1, "what?"))
      .fails(/edited before it was sent/));
});

describe("a user", () => {
  const entry = (number: number, more: object = {}) => ({
    entry: "USER",
    id: "ann",
    version: position(number),
    name: "ann",
    handle: "ann",
    tags: [],
    category: null,
    place: null,
    public: true,
    ...more,
  });

  test("is found by what they call themselves now", async () => {
    await given(search)
      .when(registered("ann"))
      .then(put("entries", "ann", "", entry(1)));
    const tags = [{ name: "chess", score: 2 }];
    await given(search, registered("ann"), profileUpdated("ann", { tags }))
      .when(profileUpdated("ann", { name: "Anna", handle: "anna" }))
      .then(put("entries", "ann", "", entry(3, { name: "Anna", handle: "anna", tags })));
  });

  test("is found near a place that is snapped to the grid, until they take it away", async () => {
    const point = { latitude: 52.520_08, longitude: 13.404_95 };
    await given(search, registered("ann"))
      .when(locationChanged("ann", point))
      .then(put("entries", "ann", "", entry(2, { place: snapped(point) })));
    await given(search, registered("ann"), locationChanged("ann", point))
      .when(locationChanged("ann", null))
      .then(put("entries", "ann", "", entry(3)));
  });

  test("who never registered changes nothing", () =>
    given(search)
      .when(profileUpdated("ann", { name: "Anna" }))
      .fails(/changed before it was there/));
});

test("a group is found by its title, its tags and its category", () =>
  given(search)
    .when(groupCreated("ann", { title: "Chess", category: "sport", public: true, tags: [{ name: "chess", score: 1 }] }))
    .then(
      put("entries", GROUP, "", {
        entry: "GROUP",
        id: GROUP,
        version: position(1),
        name: "Chess",
        handle: null,
        tags: [{ name: "chess", score: 1 }],
        category: "sport",
        place: null,
        public: true,
      }),
    ));
