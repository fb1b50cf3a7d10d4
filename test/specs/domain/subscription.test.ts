import { describe, test } from "vitest";
import { type Command, decider as subscription, type Event } from "../../../src/domain/subscription.ts";
import { given } from "../../support/given.ts";

const who = { channelId: "c:news", userId: "bob" };
const followed: Event = { type: "ChannelFollowed", data: who };
const unfollowed: Event = { type: "ChannelUnfollowed", data: who };
const follow = (isIn = false): Command => ({ type: "Follow", ...who, isIn });
const unfollow: Command = { type: "Unfollow", ...who, isFollower: false };

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
  test("is nothing to those who are in already", () => given(subscription).when(follow(true)).nothing());
  test("ends also for those whom the staff let in", () =>
    given(subscription)
      .when({ ...unfollow, isFollower: true })
      .then(unfollowed));
});
