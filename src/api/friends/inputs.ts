import { z } from "zod";
import type { FriendRequestInput, RequestFriendshipInput, UserInput } from "../../commands/commands.ts";
import { events } from "../../domain/events.ts";
import { parseFriendRequestId, userId } from "../../domain/ids.ts";
import { badInput } from "../badInput.ts";
import type * as Api from "../generated.ts";
import { keyed, optional, parsed } from "../inputs.ts";

const { note, alias } = events.FriendshipRequested.shape;

const ofUser = z.object({ ...keyed, userId });
const request = z.object({ ...keyed, userId, note: optional(note), alias: optional(alias) });
const named = z.object({ ...keyed, userId, alias: optional(alias) });
const blocked = z.object({ ...keyed, userId, on: z.boolean() });
const ofRequest = z.object({ ...keyed, id: z.string() });
const answer = z.object({ ...keyed, id: z.string(), accept: z.boolean() });

export const userInput = (input: Api.UserInput): UserInput => parsed(ofUser, input);
export const requestFriendshipInput = (input: Api.RequestFriendshipInput): RequestFriendshipInput => parsed(request, input);
export const blockInput = (input: Api.BlockInput): UserInput & { on: boolean } => parsed(blocked, input);

/** An alias that was forgotten is not one that was taken away. */
export function setAliasInput(input: Api.SetAliasInput): UserInput & { alias: string | null } {
  if (input.alias === undefined) throw badInput("alias", "a name, or null to take it away");
  return parsed(named, input);
}

export function answerInput(input: Api.AnswerInput): FriendRequestInput & { accept: boolean } {
  const { id, ...more } = parsed(answer, input);
  return { ...more, ...requestId(id) };
}

export function requestInput(input: Api.NodeInput): FriendRequestInput {
  const { id, ...more } = parsed(ofRequest, input);
  return { ...more, ...requestId(id) };
}

function requestId(id: string) {
  const found = parseFriendRequestId(id);
  if (!found) throw badInput("id", "the id of a request for friendship (f:<user>~<user>:<number>, the two users in order)");
  return found;
}
