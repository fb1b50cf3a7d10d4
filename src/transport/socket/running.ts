import { GraphQLError } from "graphql";
import { ownBytes } from "../bytes.ts";
import type { Bearer } from "../auth.ts";
import type { ApiError } from "../errors.ts";
import type { Executor, RequestInfo } from "../execution/execute.ts";
import type { Variables } from "../execution/givenInputs.ts";
import type { Operation } from "../execution/operations.ts";
import { withCost } from "../execution/charging.ts";
import { type Delivery, isUndelivered, type Stream, type Undelivered } from "../execution/rendering.ts";
import type { DeliveryTimes } from "./deliveryTimes.ts";
import { drained, isFull, type Outbox, sendResult, sendText } from "./outbox.ts";

/** An operation of one socket, or of one stream of events. */
export type Work = {
  executor: Executor;
  box: Outbox;
  /** The client's id for it. A stream of events has one operation, and no id. */
  id: string;
  /** What stands before each of its results. It is made when it is needed: thousands of operations are under way. */
  opening: (id: string) => string;
  operation: Operation;
  variables: Variables;
  caller: Bearer;
  request: RequestInfo;
  times: Pick<DeliveryTimes, "gathered">;
  /** What it costs, as JSON text, if its client asked to be told. */
  cost?: string | undefined;
};

/**
 * The protocol server's view of a running operation. The operation writes its results itself, so this yields nothing. It ends
 * when the operation ends. If the operation was not executed, it fails with the errors. After `return` it stays pending for
 * ever: the server has forgotten the id by then, and would take the end for that of a later operation with the same id.
 */
export type Running = AsyncIterableIterator<never> & { return(): Promise<IteratorResult<never>> };

/** The errors of an operation that was not executed, on their way to the client. */
export class NotExecuted extends Error {
  override readonly name = "NotExecuted";
  readonly errors: readonly ApiError[];
  constructor(errors: readonly ApiError[]) {
    super("not executed");
    this.errors = errors;
  }
}

/** The same errors, in the form that the protocol server expects before an operation begins. */
export const notExecuted = (errors: readonly ApiError[]): GraphQLError[] => [
  new GraphQLError("not executed", { originalError: new NotExecuted(errors) }),
];

/** A timer with more than its maximum would fire at once, so a pause is at most this long. */
const PAUSE_MAX_MS = 3_600_000;

const DONE: IteratorResult<never> = { done: true, value: undefined };

export type RunningEnds = {
  /** Called once, when the operation has ended or was given up, so that nobody waits for it. */
  released(): void;
  /** Called once, when a query or a mutation has finished running. This may be later than `released`. */
  executed(): void;
};

/**
 * Where results of a subscription are put that are the same for many. It is a plain record, as an outbox is: one message for
 * thousands touches all of them.
 */
type Outlet = {
  readonly box: Outbox;
  readonly before: Buffer;
  readonly began: number;
  readonly render: Stream["render"];
  readonly times: Work["times"];
  take(this: Outlet, delivery: Delivery): boolean;
};

/** Puts a result into the outbox, if it is there already or can be made at once, and there is room. */
function take(this: Outlet, delivery: Delivery): boolean {
  const { box, before, began, render, times } = this;
  const { shared, at } = delivery;
  // What is made for one reader alone would be made again.
  if (shared === undefined || isFull(box) || box.ended) return false;
  const payload = render(delivery);
  if (!Buffer.isBuffer(payload)) return false;
  sendResult(box, before, payload);
  if (at !== undefined && at >= began) times.gathered(at);
  return true;
}

/** An operation that begins at the first call of `next`. */
export function runningOperation(work: Work, { released, executed }: RunningEnds): Running {
  const { executor, box, id, opening, operation, variables, caller, request, times, cost } = work;
  let stream: Stream | undefined;
  let over = false;
  let settle: (errors?: readonly ApiError[]) => void = () => undefined;
  const ended = new Promise<IteratorResult<never>>((resolve, reject) => {
    settle = (errors) => (errors === undefined ? resolve(DONE) : reject(new NotExecuted(errors)));
  });
  // If the client gives the operation up at the moment in which it fails, nobody awaits this promise.
  ended.catch(() => undefined);

  /** Ends a pause. */
  let goOn: () => void = () => undefined;
  const pause = (ms: number): Promise<void> =>
    new Promise((resolve) => {
      const timer = setTimeout(resolve, Math.min(ms, PAUSE_MAX_MS)).unref();
      goOn = () => {
        clearTimeout(timer);
        resolve();
      };
    });

  /** Closes a stream that nobody reads any more. */
  const leave = ({ deliveries }: Stream): void => {
    (async () => deliveries.return?.())().catch((fault: unknown) => executor.explain(fault, caller, request));
  };
  function release(): void {
    if (over) return;
    over = true;
    if (stream) leave(stream);
    stream = undefined;
    goOn();
    released();
  }
  function finish(errors?: readonly ApiError[]): void {
    if (over) return;
    release();
    settle(errors);
  }

  async function query(): Promise<void> {
    const running = executor.run(operation, variables, caller, request);
    const answer = running instanceof Promise ? await running : running;
    if (over) return;
    if (answer.executed) sendText(box, `${opening(id)}${withCost(answer.text, cost)}}`);
    finish(answer.executed ? undefined : answer.errors);
  }

  async function subscription(): Promise<void> {
    const began = Date.now();
    const opened = await executor.subscribe(operation, variables, caller, request);
    if ("text" in opened) return finish(opened.errors);
    // It was given up while the stream was being opened, and `released` was called then.
    if (over) return leave(opened);
    stream = opened;
    const { deliveries, render, delivered, isShared } = opened;
    const before = ownBytes(opening(id));

    const taker: Outlet | undefined = isShared && cost === undefined ? { box, before, began, render, times, take } : undefined;

    /** Sends one result. Gives what must be awaited before the next read, so that no delivery grows old while it waits. */
    const send = ({ at }: Delivery, payload: Buffer | Undelivered): Promise<void> | undefined => {
      if (over) return undefined;
      // Without this entry the stream must not go on: the cursor of the next delivery would lead the client past it.
      if (isUndelivered(payload)) return void finish(payload.errors);
      sendResult(box, before, cost === undefined ? payload : ownBytes(withCost(payload.toString(), cost)));
      if (at !== undefined && at >= began) times.gathered(at);
      const ms = delivered();
      return ms > 0 ? pause(ms) : undefined;
    };
    const tell = (delivery: Delivery): Promise<void> | undefined => {
      const rendered = render(delivery);
      return rendered instanceof Promise ? rendered.then((payload) => send(delivery, payload)) : send(delivery, rendered);
    };
    /** Tells what is at hand. Gives what must be awaited before it is called again; undefined if there is no more. */
    const tellAtHand = (): Promise<void> | undefined => {
      while (!over) {
        if (isFull(box)) return drained(box);
        const delivery = deliveries.atHand?.();
        const awaited = delivery && tell(delivery);
        if (awaited !== undefined || delivery === undefined) return awaited;
      }
      return undefined;
    };
    /**
     * Resolves when something has to be awaited. Until then all that comes is told by whoever brings the news, since one message
     * is told to thousands, one after the other. Undefined if there is no such time.
     */
    const atHandOnly = (): Promise<void> | undefined => {
      let resolve: (awaited?: Promise<void>) => void = () => undefined;
      let reject: (fault: unknown) => void = () => undefined;
      const come = (): void => {
        try {
          const awaited = tellAtHand();
          if (awaited !== undefined || over || !deliveries.onNews?.(come, taker)) resolve(awaited);
        } catch (fault) {
          reject(fault);
        }
      };
      if (!deliveries.onNews?.(come, taker)) return undefined;
      return new Promise((...settled) => ([resolve, reject] = settled));
    };

    while (!over) {
      const awaited = tellAtHand() ?? (over ? undefined : atHandOnly());
      if (awaited !== undefined) await awaited;
      else if (!over) {
        const step = await deliveries.next();
        if (over) return;
        if (step.done) return finish();
        await tell(step.value);
      }
    }
  }

  let begun = false;
  function begin(): void {
    begun = true;
    (operation.kind === "subscription" ? subscription() : query().finally(executed)).catch((fault: unknown) =>
      finish([executor.explain(fault, caller, request)]),
    );
  }

  return {
    [Symbol.asyncIterator]() {
      return this;
    },
    next() {
      if (!begun && !over) begin();
      return ended;
    },
    return() {
      release();
      if (!begun) executed();
      begun = true;
      return Promise.resolve(DONE);
    },
  };
}
