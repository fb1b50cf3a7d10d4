import { type Call, call, pick, type Scene } from "./calls.ts";
import { timeOf } from "./days.ts";
import * as groups from "./groups.ts";
import * as joining from "./joining.ts";
import { type Invite, type Model, type Policy } from "./model.ts";
import type { Command, Step } from "./steps.ts";

export const POLICIES = ["OPEN", "OPEN", "APPROVAL", "INVITE"] as const satisfies readonly Policy[];

const COMMANDS = [
  "updateConversation",
  "join",
  "answerJoinRequest",
  "createInvite",
  "joinByInvite",
  "revokeInvite",
  "silence",
  "dissolve",
  "leave",
  "addMembers",
  "removeMembers",
  "setRole",
  "transferOwnership",
] as const satisfies readonly Command[];
type GroupCommand = (typeof COMMANDS)[number];

export const isOfGroups = (command: Command): command is GroupCommand => (COMMANDS as readonly Command[]).includes(command);

/** A command about a group or a channel and who is in it. Undefined where there is nothing that it could be about. */
export function groupCall(model: Model, command: GroupCommand, step: Step, scene: Scene): Call | undefined {
  const { conversation, by, anyone, other, target, some } = scene;
  const { by: chosen, at, flag, other: nth } = step;
  const { id } = conversation;
  switch (command) {
    case "updateConversation": {
      const change: groups.Change = {
        ...(nth % 2 === 0 && { title: `title ${nth % 3}` }),
        ...(nth % 3 === 0 && { public: flag }),
        ...(nth % 5 < 2 && { historyVisible: flag }),
        ...(nth % 7 < 2 && { policy: pick(POLICIES, chosen) }),
      };
      const { policy, ...more } = change;
      const input = { id, ...more, ...(policy && { joinPolicy: policy }) };
      return call(by, command, input, groups.updateConversation(model, conversation, by, change));
    }
    case "join":
      return call(anyone, command, { id }, joining.join(model, conversation, anyone));
    case "answerJoinRequest": {
      const user = pick([...conversation.requests.keys()], nth) ?? other;
      const { number = 1, invitedBy = null } = conversation.requests.get(user) ?? {};
      // Of those who may, and sometimes anyone, and sometimes an older one.
      const actor = chosen % 6 === 0 || (invitedBy !== null && chosen % 3 > 0) ? user : (chosen % 6 === 1 && invitedBy) || by;
      const answer = { user, number: Math.max(1, number - (at % 9 === 0 ? 1 : 0)), accept: flag };
      const expected = joining.answerJoinRequest(model, conversation, actor, answer);
      return call(actor, command, { id: `j:${id}~${user}:${answer.number}`, accept: flag }, expected);
    }
    case "createInvite": {
      const uses = nth % 3 === 0 ? null : 1 + (nth % 2);
      const until = flag ? model.day + 1 + (nth % 3) : null;
      const done: Call["done"] = ({ invite }) => {
        const { code } = invite as { code: string };
        conversation.invites.push({ code, by, usesLeft: uses, until, revoked: false });
      };
      const input = { conversationId: id, uses, expiresAt: until === null ? null : timeOf(until) };
      return call(by, command, input, joining.createInvite(conversation, by), done);
    }
    case "joinByInvite": {
      // Whichever conversation it is of.
      const found = pick(invitesOf(model), at);
      if (!found) return undefined;
      const { invite, of } = found;
      return call(anyone, "join", { inviteCode: invite.code }, joining.joinByInvite(model, of, anyone, invite));
    }
    case "revokeInvite": {
      const invite = pick(flag ? conversation.invites : invitesOf(model).map((found) => found.invite), nth);
      if (!invite) return undefined;
      return call(by, command, { conversationId: id, code: invite.code }, joining.revokeInvite(conversation, by, invite));
    }
    case "silence": {
      const until = flag ? model.day + (nth % 4) : null;
      const expected = groups.silence(model, conversation, by, target, until);
      return call(by, command, { conversationId: id, userId: target, until: until === null ? null : timeOf(until) }, expected);
    }
    case "dissolve":
      return call(by, command, { id }, groups.dissolve(model, conversation, by));
    case "leave":
      return call(by, command, { id }, groups.leave(model, conversation, by));
    case "addMembers": {
      const userIds = [other, ...some];
      return call(by, command, { conversationId: id, userIds }, groups.addMembers(model, conversation, by, userIds));
    }
    case "removeMembers": {
      const userIds = [target, ...some];
      return call(by, command, { conversationId: id, userIds }, groups.removeMembers(model, conversation, by, userIds));
    }
    case "setRole": {
      const role = some.length % 2 === 0 ? "ADMIN" : "MEMBER";
      const expected = groups.setRole(model, conversation, by, target, role);
      return call(by, command, { conversationId: id, userId: target, role }, expected);
    }
    case "transferOwnership":
      return call(by, command, { conversationId: id, userId: target }, groups.transferOwnership(model, conversation, by, target));
  }
}

function invitesOf({ conversations }: Model) {
  return [...conversations.values()].flatMap((of) => of.invites.map((invite: Invite) => ({ of, invite })));
}
