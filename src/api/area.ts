import type { Context } from "./context.ts";
import type { EntryEntity } from "./entities.ts";
import type { Resolvers, SubscriptionConversationArgs, SubscriptionInboxArgs } from "./generated.ts";

/**
 * What a subscription yields for each entry. `root` is the root value that its operation runs with. `shared` is a key. Under
 * one key the entry is the same for every viewer who reads only fields that do not depend on the viewer (`SHARED_FIELDS`).
 */
export type EntryDelivery = { root: Record<string, EntryEntity>; shared?: string };

type SubscriptionField<Args> = {
  subscribe(root: unknown, args: Args, context: Context): Promise<AsyncIterableIterator<EntryDelivery, undefined>>;
  resolve(root: EntryDelivery["root"]): EntryEntity | undefined;
};

type SubscriptionFields = {
  inbox: SubscriptionField<SubscriptionInboxArgs>;
  conversation: SubscriptionField<SubscriptionConversationArgs>;
};

/**
 * The resolvers of one area of the API: its fields of Query, Mutation and Subscription, and those of its types. Several areas
 * may add fields to one type, but each field belongs to only one area (resolvers.ts).
 */
export type Area = Omit<Resolvers, "Subscription"> & { Subscription?: Partial<SubscriptionFields> };
