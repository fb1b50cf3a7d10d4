import { describe, test } from "vitest";
import { type Command, decider as group } from "../../../src/domain/group.ts";
import type { Event } from "../../../src/domain/groupState.ts";
import { given } from "../../support/given.ts";

const id = "c:news";
const created: Event = {
  type: "GroupCreated",
  data: {
    groupId: id,
    ownerId: "owner",
    title: "News",
    avatarUrl: null,
    description: null,
    announcement: null,
    category: null,
    tags: [],
    joinPolicy: "OPEN",
    public: true,
    historyVisible: true,
  },
};
const added = (userId: string): Event => ({ type: "MemberAdded", data: { groupId: id, userId } });
const add = (by: string): Command => ({ type: "Add", by, userIds: ["zoe"], memberCap: 8 });

describe("the staff of a channel", () => {
  test("is added to by the owner", () => given(group, created).when(add("owner")).then(added("zoe")));
  test("is not added to by its members, whoever may follow the channel", () =>
    given(group, created, added("mia")).when(add("mia")).refused("FORBIDDEN"));
  test("keeps its posts open to the followers", () =>
    given(group, created)
      .when({ type: "Update", by: "owner", change: { historyVisible: false } })
      .refused("BAD_INPUT", { field: "historyVisible" }));
});
