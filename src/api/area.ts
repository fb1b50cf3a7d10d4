import type { Context } from "./context.ts";
import type { EntryEntity } from "./entities.ts";
import type { Resolvers, SubscriptionConversationArgs, SubscriptionInboxArgs } from "./generated.ts";

/**
 * What a subscription yields for each entry. `root` is the root value that its operation is run with. `shared`: a key under
 * which the entry is the same to every viewer, as far as only fields are read that do not depend on the viewer
 * (`SHARED_FIELDS`).
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
 * What one area of the API resolves: its fields of Query, Mutation and Subscription, and those of its types. Several areas
 * may add fields to a type, but only one area resolves a field (resolvers.ts).
 */
export type Area = Omit<Resolvers, "Subscription"> & { Subscription?: Partial<SubscriptionFields> };
