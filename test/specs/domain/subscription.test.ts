import { describe, test } from "vitest";
import { type Command, decider as subscription, type Event } from "../../../src/domain/subscription.ts";
import { given } from "../../support/given.ts";

const who = { channelId: "c:news", userId: "bob" };
const followed: Event = { type: "ChannelFollowed", data: who };
const unfollowed: Event = { type: "ChannelUnfollowed", data: who };
const follow = (isStaff = false): Command => ({ type: "Follow", ...who, isStaff });
const unfollow: Command = { type: "Unfollow", ...who };

describe("following a channel", () => {
  test("begins once", () => {
    given(subscription).when(follow()).then(followed);
    given(subscription, followed).when(follow()).nothing();
  });
  test("ends once", () => {
    given(subscription, followed).when(unfollow).then(unfollowed);
    given(subscription, followed, unfollowed).when(unfollow).nothing();
    given(subscription).when(unfollow).nothing();
  });
  test("begins again after it ended", () => given(subscription, followed, unfollowed).when(follow()).then(followed));
  test("is nothing to the staff, who have all of it", () => {
    given(subscription).when(follow(true)).nothing();
    given(subscription, followed).when(unfollow).then(unfollowed);
  });
});
