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

/**
 * What a subscription yields for each entry. `root` is the root value that its operation runs with. `shared` is a key. Under
 * one key the entry is the same for every viewer who reads only fields that do not depend on the viewer (`SHARED_FIELDS`). `at`:
 * when a message was sent that is news, in milliseconds since 1970. `message`: the position of an entry of a message, which may
 * change later.
 */
export type EntryDelivery = Delivery<EntryEntity> & { readonly message?: Position | undefined };

/** The same of any other value. */
export type Delivery<Value> = {
  readonly root: Record<string, Value>;
  readonly shared?: string | undefined;
  readonly at?: number | undefined;
};

type SubscriptionField<Args, Value> = {
  subscribe(root: unknown, args: Args, context: Context): Promise<AsyncIterableIterator<Delivery<Value>, undefined>>;
  resolve(root: Delivery<Value>["root"]): Value | undefined;
};

type SubscriptionFields = {
  inbox: SubscriptionField<SubscriptionInboxArgs, EntryEntity>;
  conversation: SubscriptionField<SubscriptionConversationArgs, EntryEntity>;
  presence: SubscriptionField<SubscriptionPresenceArgs, UserPresenceEntity>;
  typing: SubscriptionField<SubscriptionTypingArgs, TypingEntity>;
  projection: SubscriptionField<SubscriptionProjectionArgs, ProjectionStatus>;
};

/**
 * The resolvers of one area of the API: its fields of Query, Mutation and Subscription, and those of its types. Several areas
 * may add fields to one type, but each field belongs to only one area (resolvers.ts).
 */
export type Area = Omit<Resolvers, "Subscription"> & { Subscription?: Partial<SubscriptionFields> };
