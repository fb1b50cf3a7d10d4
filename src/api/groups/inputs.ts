import { z } from "zod";
import type {
  ConversationInput,
  CreateConversationInput,
  MemberInput,
  MembersInput,
  SetRoleInput,
  SilenceInput,
  UpdateConversationInput,
} from "../../commands/commands.ts";
import { events } from "../../domain/events.ts";
import { groupId, isDirect, userId } from "../../domain/ids.ts";
import { time } from "../../domain/time.ts";
import { badInput } from "../badInput.ts";
import type * as Api from "../generated.ts";
import { keyed, optional, parsed, tags, withUsual } from "../inputs.ts";

/** The most users in one call. */
const MAX_USERS = 500;

const users = z.array(userId).min(1).max(MAX_USERS);
export const ofGroup = z
  .string()
  .refine((id) => !isDirect(id), {
    error: "the id of a group: a direct conversation always has the same two members",
    abort: true,
  })
  .pipe(groupId);
const created = events.GroupCreated.shape;

const creation = z.object({
  ...keyed,
  kind: z.enum(["GROUP", "CHANNEL"]),
  title: created.title,
  memberIds: withUsual(z.array(userId).max(MAX_USERS), []),
  avatarUrl: optional(created.avatarUrl),
  description: optional(created.description),
  announcement: optional(created.announcement),
  category: optional(created.category),
  tags: withUsual(tags, []),
  joinPolicy: created.joinPolicy.nullish().transform((policy) => policy ?? undefined),
  public: withUsual(created.public, false),
  historyVisible: withUsual(created.historyVisible, false),
});
/** An absent member stays as it is. Null removes it. */
const change = z.object({
  title: created.title,
  avatarUrl: created.avatarUrl,
  description: created.description,
  announcement: created.announcement,
  category: created.category,
  tags,
  joinPolicy: created.joinPolicy,
  public: created.public,
  historyVisible: created.historyVisible,
});
const update = z.object({ ...keyed, id: ofGroup, ...change.partial().shape });
const group = z.object({ ...keyed, id: ofGroup });
const members = z.object({ ...keyed, conversationId: ofGroup, userIds: users });
const member = z.object({ ...keyed, conversationId: ofGroup, userId });
const silenced = z.object({ ...keyed, conversationId: ofGroup, userId, until: time.nullable() });
const memberRole = z.object({ ...keyed, conversationId: ofGroup, userId, role: z.enum(["OWNER", "ADMIN", "MEMBER"]) });

export function createConversationInput(input: Api.CreateConversationInput): CreateConversationInput {
  if (input.kind === "DIRECT")
    throw badInput("kind", "a direct conversation begins with its first message: use sendMessage with `userId`");
  const { joinPolicy = input.kind === "CHANNEL" ? "OPEN" : "APPROVAL", ...given } = parsed(creation, input);
  return { ...given, joinPolicy };
}

export function updateConversationInput(input: Api.UpdateConversationInput): UpdateConversationInput {
  for (const member of ["title", "tags", "joinPolicy", "public", "historyVisible"] as const) {
    if (input[member] === null) throw badInput(member, "it cannot be removed: leave it out, or give another value");
  }
  const { clientMutationId, id, ...given } = parsed(update, input);
  return { clientMutationId, conversationId: id, change: given };
}

export function groupInput(input: Api.NodeInput): ConversationInput {
  const { clientMutationId, id } = parsed(group, input);
  return { clientMutationId, conversationId: id };
}

export const membersInput = (input: Api.MembersInput): MembersInput => parsed(members, input);
export const memberInput = (input: Api.MemberInput): MemberInput => parsed(member, input);
/** A time that was forgotten is not one that was taken away. */
export function silenceInput(input: Api.SilenceInput): SilenceInput {
  if (input.until === undefined) throw badInput("until", "a time, or null to let them write again");
  return parsed(silenced, input);
}

export const setRoleInput = (input: Api.SetRoleInput): SetRoleInput => parsed(memberRole, input);
