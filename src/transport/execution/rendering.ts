import { LRUCache } from "lru-cache";
import type { Awaitable } from "../../ports/awaitable.ts";
import { ownBytes } from "../bytes.ts";
import type { ApiError } from "../errors.ts";
import type { Variables } from "./givenInputs.ts";
import type { Operation } from "./operations.ts";

/**
 * What a subscription's `subscribe` yields.
 *
 * `root` is the root value that the operation runs with: `{ [name of the field]: value }`, unless the field has a `resolve`.
 * `rootOf` makes it instead, of the context with which it was subscribed, where the result is not there yet.
 *
 * `shared`: the result is the same for all who read only shared fields, so it is computed once for each such key. The key
 * must contain everything that changes the result. Whoever yields the delivery must check that the subscriber may see it.
 *
 * `at`: when what it tells of happened, in milliseconds since 1970, if it is news for those who subscribed before: how long it
 * took is counted.
 */
export type Delivery = {
  readonly root?: unknown;
  readonly rootOf?: ((context: never) => unknown) | undefined;
  readonly shared?: string | undefined;
  readonly at?: number | undefined;
};

/** A response as JSON text. `executed`: it has `data`. */
export type Answer = {
  text: string;
  executed: boolean;
  errors?: readonly ApiError[];
  /** An error made the root field null, so the answer does not hold what was asked for. */
  isEmpty?: boolean;
};

/** Why a delivery has no result. Its entry could not be read, so the client does not get the entry's cursor either. */
export type Undelivered = { errors: readonly ApiError[] };

export const isUndelivered = (rendered: Buffer | Undelivered): rendered is Undelivered => !Buffer.isBuffer(rendered);

/** See `Deliveries`. */
export type DeliveryTaker = { take(delivery: Delivery): boolean };

/**
 * `atHand`: what `next` would give, if that need not be waited for. Undefined: `next` must be asked, or there is no news.
 * `onNews`: calls `come` once, at the next news or at the end, if nothing is to be done before. If it gives false, `next` must
 * be asked. Until then news may be given to `taker`, again and again, which says whether it took it.
 */
export type Deliveries = AsyncIterator<Delivery> & {
  atHand?(): Delivery | undefined;
  onNews?(come: () => void, taker?: DeliveryTaker): boolean;
};

/** A running subscription. Call `return` on `deliveries` when nobody reads any more. */
export type Stream = {
  deliveries: Deliveries;
  /**
   * The result of one delivery as JSON in UTF-8. It is there at once if it was computed for another subscriber. If a nullable
   * field below the entry failed, it is null, and the error stands in `errors`.
   */
  render(delivery: Delivery): Awaitable<Buffer | Undelivered>;
  /** Whether a result is made once for all who read the same. Such a delivery costs nobody anything. */
  isShared?: boolean;
  /** Counts a rendered delivery. Returns the milliseconds that the reader must wait before the next one. */
  delivered(): number;
};

/** Makes the `render` of one subscription. `execute` runs its operation for one delivery. */
export type Renderer = (
  operation: Pick<Operation, "id" | "reads">,
  variables: Variables,
  execute: (delivery: Delivery) => Awaitable<Answer>,
) => Stream["render"];

/** A result is kept beyond its turn once it was used again so often: not if only the two of a direct conversation are told. */
const KEPT_FROM = 2;
/** The size of the cache of results. */
const SHARED_BYTES = 33_554_432;
/** The memory of a cached result beside its own bytes. */
const RESULT_BYTES = 256;

/**
 * Renders deliveries. Equal results are rendered only once for those who ask within one turn of the event loop, as all do who are
 * up to date. What several asked for is kept longer, for those who are slower. Most results are for one or two: if each were kept
 * for long, the collection of young garbage would take twice as long. `onShared` is called whenever a result for another
 * subscriber is used again.
 */
export function renderer(onShared: () => void): Renderer {
  const results = new LRUCache<string, Buffer>({
    maxSize: SHARED_BYTES,
    sizeCalculation: (bytes, key) => bytes.length + 2 * key.length + RESULT_BYTES,
  });
  /** Those of this turn. */
  let made = new Map<string, Made>();
  const rendering = new Map<string, Promise<Buffer | Undelivered>>();
  let latest: Latest = NONE;

  const forget = (): void => {
    made = new Map();
  };

  /**
   * A result with errors is not kept: they may be gone for the next reader. One that came later is kept for long: who asked for
   * it meanwhile had its promise.
   */
  function kept(key: string, answer: Answer, isLate: boolean): Buffer | Undelivered {
    const result = delivered(answer);
    if (answer.errors !== undefined || isUndelivered(result)) return result;
    if (isLate) {
      results.set(key, result);
      return result;
    }
    if (made.size === 0) setImmediate(forget);
    made.set(key, { key, result, uses: 0 });
    return result;
  }

  function use(one: Made): void {
    if (++one.uses === KEPT_FROM) results.set(one.key, one.result);
  }

  return ({ id, reads }, variables, execute) => {
    const alone = (delivery: Delivery): Awaitable<Buffer | Undelivered> => {
      const answer = execute(delivery);
      return answer instanceof Promise ? answer.then(delivered) : delivered(answer);
    };
    if (!reads?.shareable) return alone;
    const readers = `${id}:${JSON.stringify(reads.variables.map((name) => givenFor(name, variables)))}:`;
    return (delivery) => {
      const { shared } = delivery;
      if (shared === undefined) return alone(delivery);
      // One event goes to thousands of subscribers, one after the other.
      if (shared !== latest.shared || readers !== latest.readers) {
        const key = readers + shared;
        const recent = made.get(key);
        const known = recent?.result ?? results.get(key) ?? rendering.get(key);
        if (known === undefined) return first(key, delivery);
        latest = { readers, shared, result: known, made: recent };
      }
      if (latest.made !== undefined) use(latest.made);
      onShared();
      return latest.result;
    };

    function first(key: string, delivery: Delivery): Awaitable<Buffer | Undelivered> {
      const answer = execute(delivery);
      if (!(answer instanceof Promise)) return kept(key, answer, false);
      const later = answer.then((settled) => {
        rendering.delete(key);
        if (latest.result === later) latest = NONE;
        return kept(key, settled, true);
      });
      rendering.set(key, later);
      return later;
    }
  };
}

/**
 * The client's value for a variable, as a list. It is empty if the variable was left out, since then the default applies.
 * `null` is a value.
 */
const givenFor = (name: string, variables: Variables): readonly unknown[] =>
  Object.hasOwn(variables, name) && variables[name] !== undefined ? [variables[name]] : [];

/** A result of this turn, and how often it was used again. */
type Made = { readonly key: string; readonly result: Buffer; uses: number };

/** The last result that was asked for, with the subscription, its variables and the key. */
type Latest = { readers: string; shared: string; result: Awaitable<Buffer | Undelivered>; made: Made | undefined };
/** No real subscription has an empty key. */
const NONE: Latest = { readers: "", shared: "", result: Buffer.alloc(0), made: undefined };

const delivered = ({ text, executed, errors = [], isEmpty = false }: Answer): Buffer | Undelivered =>
  executed && !isEmpty ? ownBytes(text) : { errors };
