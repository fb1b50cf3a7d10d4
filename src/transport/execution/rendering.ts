import { LRUCache } from "lru-cache";
import type { Awaitable } from "../../ports/awaitable.ts";
import { ownBytes } from "../bytes.ts";
import type { ApiError } from "../errors.ts";
import type { Variables } from "./givenInputs.ts";
import type { Operation } from "./operations.ts";

/**
 * What a subscription's `subscribe` yields. `root` is the root value that the operation is run with: `{ [name of the field]:
 * value }`, unless the field has a `resolve`. `shared` says that the result is the same for whoever reads only shared fields:
 * it is then computed once for each such key. Whatever changes the result must be in the key; that each subscriber may see it
 * is for who yields it.
 */
export type Delivery = { root: unknown; shared?: string };

/** A response as JSON text. `executed`: it has `data`. */
export type Answer = {
  text: string;
  executed: boolean;
  errors?: readonly ApiError[];
  /** Errors took the root field's value with them: what was asked for is not there. */
  isEmpty?: boolean;
};

/** Why a delivery has no result: its entry could not be had, and with it the cursor that a client goes on from. */
export type Undelivered = { errors: readonly ApiError[] };

export const isUndelivered = (rendered: Buffer | Undelivered): rendered is Undelivered => !Buffer.isBuffer(rendered);

/** A running subscription: the iterator is to be returned when nobody reads on. */
export type Stream = {
  deliveries: AsyncIterator<Delivery>;
  /**
   * The result of one delivery, JSON in UTF-8; at once where it was computed for someone else. A field below the entry that
   * failed and may be null is null in it, and told in `errors`.
   */
  render(delivery: Delivery): Awaitable<Buffer | Undelivered>;
  /** Counts that a delivery was rendered. Returns how long its reader waits before the next one is asked for, in milliseconds. */
  delivered(): number;
};

/** How the deliveries of one subscription are rendered. `execute` runs its operation with the root value of one delivery. */
export type Renderer = (
  operation: Pick<Operation, "id" | "reads">,
  variables: Variables,
  execute: (root: unknown) => Awaitable<Answer>,
) => Stream["render"];

/** Of the results kept. */
const SHARED_BYTES = 33_554_432;
/** What a result that is kept takes beside its own bytes. */
const RESULT_BYTES = 256;

/** Renders deliveries: once for all whose result is the same. `onShared` is told of each that was rendered for someone else. */
export function renderer(onShared: () => void): Renderer {
  const results = new LRUCache<string, Buffer>({
    maxSize: SHARED_BYTES,
    sizeCalculation: (bytes, key) => bytes.length + 2 * key.length + RESULT_BYTES,
  });
  const rendering = new Map<string, Promise<Buffer | Undelivered>>();
  let latest: Latest = NONE;

  /** A result with errors is not kept: they may have passed at the next reader. */
  function kept(key: string, answer: Answer): Buffer | Undelivered {
    const result = delivered(answer);
    if (answer.errors === undefined && !isUndelivered(result)) results.set(key, result);
    return result;
  }

  return ({ id, reads }, variables, execute) => {
    const alone = (root: unknown): Awaitable<Buffer | Undelivered> => {
      const answer = execute(root);
      return answer instanceof Promise ? answer.then(delivered) : delivered(answer);
    };
    if (!reads?.shareable) return ({ root }) => alone(root);
    const readers = `${id}:${JSON.stringify(reads.variables.map((name) => givenFor(name, variables)))}:`;
    return ({ root, shared }) => {
      if (shared === undefined) return alone(root);
      // One event comes to thousands of subscribers one after the other.
      if (shared !== latest.shared || readers !== latest.readers) {
        const key = readers + shared;
        const known = results.get(key) ?? rendering.get(key);
        if (known === undefined) return first(key, root);
        latest = { readers, shared, result: known };
      }
      onShared();
      return latest.result;
    };

    function first(key: string, root: unknown): Awaitable<Buffer | Undelivered> {
      const answer = execute(root);
      if (!(answer instanceof Promise)) return kept(key, answer);
      const later = answer.then((settled) => {
        rendering.delete(key);
        if (latest.result === later) latest = NONE;
        return kept(key, settled);
      });
      rendering.set(key, later);
      return later;
    }
  };
}

/** What a client gave for a variable. One that was left out has its default, which `null` has not. */
const givenFor = (name: string, variables: Variables): readonly unknown[] =>
  Object.hasOwn(variables, name) && variables[name] !== undefined ? [variables[name]] : [];

/** The result that was asked for last, of a subscription and its variables, under its key. */
type Latest = { readers: string; shared: string; result: Awaitable<Buffer | Undelivered> };
/** No subscription is called so. */
const NONE: Latest = { readers: "", shared: "", result: Buffer.alloc(0) };

const delivered = ({ text, executed, errors = [], isEmpty = false }: Answer): Buffer | Undelivered =>
  executed && !isEmpty ? ownBytes(text) : { errors };
