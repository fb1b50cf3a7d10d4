import { type Call, call } from "./calls.ts";
import * as friends from "./friends.ts";
import { type Model, pairOf } from "./model.ts";
import type { Command, Step } from "./steps.ts";

const COMMANDS = [
  "requestFriendship",
  "answerFriendRequest",
  "withdrawFriendRequest",
  "endFriendship",
  "setAlias",
  "block",
] as const satisfies readonly Command[];
type FriendCommand = (typeof COMMANDS)[number];

export const isOfFriends = (command: Command): command is FriendCommand => (COMMANDS as readonly Command[]).includes(command);

/** A command between two users. Undefined where it cannot be about oneself. */
export function friendCall(model: Model, command: FriendCommand, step: Step, by: string, other: string): Call | undefined {
  const alias = step.flag ? `alias ${step.at % 5}` : null;
  switch (command) {
    case "requestFriendship":
      return call(by, command, { userId: other, alias }, friends.requestFriendship(model, by, other, alias));
    case "answerFriendRequest":
    case "withdrawFriendRequest": {
      if (by === other) return undefined;
      const { requests } = pairOf(model, by, other);
      const request = requests[requests.length - 1];
      // Mostly by the one who may.
      const wanted = command === "answerFriendRequest" ? request?.to : request?.from;
      const actor = step.at % 4 > 0 && wanted !== undefined ? wanted : by;
      const peer = actor === by ? other : by;
      const number = Math.max(1, requests.length + (step.at % 7 === 0 ? -1 : 0));
      const id = `f:${[by, other].sort().join("~")}:${number}`;
      if (command === "withdrawFriendRequest")
        return call(actor, command, { id }, friends.withdrawRequest(model, actor, peer, number));
      const accept = step.flag;
      return call(actor, command, { id, accept }, friends.answerRequest(model, actor, peer, number, accept));
    }
    case "endFriendship":
      return by === other ? undefined : call(by, command, { userId: other }, friends.endFriendship(model, by, other));
    case "setAlias":
      return by === other ? undefined : call(by, command, { userId: other, alias }, friends.setAlias(model, by, other, alias));
    case "block": {
      const on = step.at % 3 === 0;
      return call(by, command, { userId: other, on }, friends.block(model, by, other, on));
    }
  }
}
