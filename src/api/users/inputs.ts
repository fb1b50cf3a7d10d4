import { z } from "zod";
import type {
  CreateBotInput,
  PutUserInput,
  RegisterInput,
  SetLocationInput,
  UpdateProfileInput,
} from "../../commands/commands.ts";
import { events, point } from "../../domain/events.ts";
import { normaliseHandle } from "../../domain/handleForm.ts";
import { userId } from "../../domain/ids.ts";
import { badInput } from "../badInput.ts";
import type * as Api from "../generated.ts";
import { keyed, optional, parsed, tags, withUsual } from "../inputs.ts";

const { name, avatarUrl, gender, birthday, signature } = events.UserRegistered.shape;
/** Throws its own refusal. */
const handle = z.string().transform(normaliseHandle);

const registration = z.object({
  ...keyed,
  handle,
  name,
  avatarUrl: optional(avatarUrl),
  gender: optional(gender),
  birthday: optional(birthday),
  signature: optional(signature),
  tags: withUsual(tags, []),
});
/** An absent member stays as it is. Null removes it. */
const profile = z.object({
  ...keyed,
  ...z.object({ handle, name, avatarUrl, gender, birthday, signature, tags }).partial().shape,
});
const location = z.object({ ...keyed, point: point.nullable() });

export const registerInput = (input: Api.RegisterInput): RegisterInput => parsed(registration, input);

/** `id` is the user's. */
export function putUserInput(input: Api.PutUserInput): PutUserInput {
  const { id, ...given } = parsed(registration.extend({ id: userId }), input);
  return { userId: id, ...given };
}

/** `id` is the bot's. */
export function createBotInput(input: Api.CreateBotInput): CreateBotInput {
  const { id, ...given } = parsed(z.object({ ...keyed, id: userId, name }), input);
  return { userId: id, ...given };
}

export function updateProfileInput(input: Api.UpdateProfileInput): UpdateProfileInput {
  for (const member of ["handle", "name", "tags"] as const) {
    if (input[member] === null) throw badInput(member, "it cannot be removed: leave it out, or give another value");
  }
  return parsed(profile, input);
}

/** `null` removes the place. An absent point is an error, since it may just be forgotten. */
export function setLocationInput(input: Api.SetLocationInput): SetLocationInput {
  if (input.point === undefined) throw badInput("point", "a place, or null to take yours off the map");
  return parsed(location, input);
}
