import { z } from "zod";
import type {
  CreateInviteInput,
  JoinByInviteInput,
  JoinInput,
  JoinRequestInput,
  RevokeInviteInput,
} from "../../commands/commands.ts";
import { readCode } from "../../domain/code.ts";
import { events } from "../../domain/events.ts";
import { noInvite } from "../../domain/groupInvites.ts";
import { parseJoinRequestId } from "../../domain/ids.ts";
import { time } from "../../domain/time.ts";
import { badInput } from "../badInput.ts";
import type * as Api from "../generated.ts";
import { ofGroup } from "./inputs.ts";
import { keyed, optional, parsed } from "../inputs.ts";

const request = z.object({ ...keyed, id: ofGroup, note: optional(events.JoinRequested.shape.note) });
const withInvite = z.object({ ...keyed, inviteCode: z.string() });
const answer = z.object({ ...keyed, id: z.string(), accept: z.boolean() });
const invitation = z.object({
  ...keyed,
  conversationId: ofGroup,
  expiresAt: optional(time),
  uses: optional(events.InviteCreated.shape.uses),
});
const revoked = z.object({ ...keyed, conversationId: ofGroup, code: z.string() });

export function joinInput(input: Api.JoinInput): JoinInput {
  const { id, ...more } = parsed(request, input);
  return { ...more, conversationId: id };
}

/** A text that is no invitation's is answered like one of an invitation that never was. */
export function joinByInviteInput(input: Api.JoinInput): JoinByInviteInput {
  if (input.id != null) throw badInput("id", "give the group or an invitation, not both");
  const { inviteCode, clientMutationId } = parsed(withInvite, input);
  const code = readCode(inviteCode);
  if (code?.kind !== "invite") throw noInvite();
  return { clientMutationId, inviteId: code.id };
}

export function answerJoinInput(input: Api.AnswerInput): JoinRequestInput {
  const { id, ...more } = parsed(answer, input);
  const found = parseJoinRequestId(id);
  if (!found) throw badInput("id", "the id of a request to join (j:<group>~<user>:<number>)");
  return { ...more, ...found };
}

export const createInviteInput = (input: Api.CreateInviteInput): CreateInviteInput => parsed(invitation, input);

export function revokeInviteInput(input: Api.RevokeInviteInput): RevokeInviteInput {
  const { code, ...more } = parsed(revoked, input);
  const found = readCode(code);
  if (found?.kind !== "invite") throw badInput("code", "the text of an invitation");
  return { ...more, inviteId: found.id };
}
