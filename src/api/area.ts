import type { Position } from "../ports/eventStore.ts";
import type { Context } from "./context.ts";
import type { EntryEntity, TypingEntity, UserPresenceEntity } from "./entities.ts";
import type {
  ProjectionStatus,
  Resolvers,
  SubscriptionConversationArgs,
  SubscriptionInboxArgs,
  SubscriptionPresenceArgs,
  SubscriptionProjectionArgs,
  SubscriptionTypingArgs,
} from "./generated.ts";

/** What a subscription yields. `root` is the root value that its operation runs with. */
export type Delivery<Value> = { readonly root: Record<string, Value> };

/**
 * The same of entries. `rootOf` makes the root value where there is none yet: one delivery may go to thousands, and most of them
 * need no root value. `shared` is a key. Under one key the entry is the same for every viewer who reads only fields that do not
 * depend on the viewer (`SHARED_FIELDS`). `at`: when a message was sent, in milliseconds since 1970. `message`: the position of
 * an entry of a message, which may change later.
 */
export type EntryDelivery = (
  | (Delivery<EntryEntity> & { readonly rootOf?: undefined })
  | { readonly root?: undefined; readonly rootOf: (context: Context) => Delivery<EntryEntity>["root"] }
) & {
  readonly shared?: string | undefined;
  readonly at?: number | undefined;
  readonly message?: Position | undefined;
};

type SubscriptionField<Args, Value, Yielded = Delivery<Value>> = {
  subscribe(root: unknown, args: Args, context: Context): Promise<AsyncIterableIterator<Yielded, undefined>>;
  resolve(root: Delivery<Value>["root"]): Value | undefined;
};

type SubscriptionFields = {
  inbox: SubscriptionField<SubscriptionInboxArgs, EntryEntity, EntryDelivery>;
  conversation: SubscriptionField<SubscriptionConversationArgs, EntryEntity, EntryDelivery>;
  presence: SubscriptionField<SubscriptionPresenceArgs, UserPresenceEntity>;
  typing: SubscriptionField<SubscriptionTypingArgs, TypingEntity>;
  projection: SubscriptionField<SubscriptionProjectionArgs, ProjectionStatus>;
};

/**
 * The resolvers of one area of the API: its fields of Query, Mutation and Subscription, and those of its types. Several areas
 * may add fields to one type, but each field belongs to only one area (resolvers.ts).
 */
export type Area = Omit<Resolvers, "Subscription"> & { Subscription?: Partial<SubscriptionFields> };
