import { codeOf } from "../domain/code.ts";
import { directConversationOf } from "../domain/ids.ts";
import { andThen } from "./awaiting.ts";
import { profileOf } from "./entities.ts";
import type { UserResolvers } from "./generated.ts";

export const User: UserResolvers = {
  handle: (user, _, context) => andThen(profileOf(context, user), ({ handle }) => handle),
  name: (user, _, context) => andThen(profileOf(context, user), ({ name }) => name),
  avatarUrl: (user, _, context) => andThen(profileOf(context, user), ({ avatarUrl }) => avatarUrl),
  gender: (user, _, context) => andThen(profileOf(context, user), ({ gender }) => gender),
  age: (user, _, context) =>
    andThen(profileOf(context, user), ({ birthday }) => (birthday === null ? null : ageOn(context.services.now(), birthday))),
  signature: (user, _, context) => andThen(profileOf(context, user), ({ signature }) => signature),
  tags: (user, _, context) => andThen(profileOf(context, user), ({ tags }) => tags),
  code: ({ id }) => codeOf(id),
  directConversationId: (user, _, { caller }) => directConversationOf(caller.userId, user.id),
};

/** Whole years since a birthday (YYYY-MM-DD), in UTC. Who was born on the 29th of February is a year older on the 1st of March. */
export function ageOn(now: Date, birthday: string): number {
  const today = now.toISOString().slice(0, 10);
  const years = Number(today.slice(0, 4)) - Number(birthday.slice(0, 4));
  return Math.max(0, today.slice(5) < birthday.slice(5) ? years - 1 : years);
}
