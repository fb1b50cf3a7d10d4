import { readCode } from "../../domain/code.ts";
import { membersInOrder, orNull, orNulls, viewsAtLeast } from "../arguments.ts";
import type { Area } from "../area.ts";
import { badInput } from "../badInput.ts";
import { registeredOrAdmin } from "../callers.ts";
import { type ConversationEntity, type InviteEntity, knownUser, openConversation, type UserEntity } from "../entities.ts";
import { inviteSeen } from "../joining.ts";
import { nodeOf } from "./find.ts";
import { nodeArgument } from "./ids.ts";

/** The most ids that one call of `nodes` takes. */
const MAX_NODES = 100;

/** Everything with an id or a code, in all areas. */
export const nodes = {
  Query: {
    node: async (_, { id, atLeast }, context) => {
      await registeredOrAdmin(context);
      membersInOrder(context.caller, "id", id);
      const node = nodeArgument(id);
      await viewsAtLeast(context, atLeast);
      return orNull(context, () => nodeOf(context, node));
    },

    nodes: async (_, { ids, atLeast }, context) => {
      await registeredOrAdmin(context);
      if (ids.length > MAX_NODES) throw badInput("ids", `at most ${MAX_NODES}`);
      const asked = ids.map((id, index) => {
        membersInOrder(context.caller, `ids.${index}`, id);
        return nodeArgument(id, `ids.${index}`);
      });
      await viewsAtLeast(context, atLeast);
      return orNulls(context, asked, (node) => nodeOf(context, node));
    },

    code: async (_, { text }, context) => {
      await registeredOrAdmin(context);
      const code = readCode(text);
      if (!code) return null;
      return orNull<UserEntity | ConversationEntity | InviteEntity>(context, () => {
        if (code.kind === "invite") return inviteSeen(context, code.id);
        return code.kind === "user" ? knownUser(context, code.id) : openConversation(context, code.id);
      });
    },
  },
} satisfies Area;
