import { GraphQLError } from "graphql";
import { ownBytes } from "../bytes.ts";
import type { Bearer } from "../auth.ts";
import type { ApiError } from "../errors.ts";
import type { Executor, RequestInfo } from "../execution/execute.ts";
import type { Variables } from "../execution/givenInputs.ts";
import type { Operation } from "../execution/operations.ts";
import { isUndelivered, type Stream } from "../execution/rendering.ts";
import { drained, isFull, type Outbox, sendResult, sendText } from "./outbox.ts";

/** An operation of one socket. */
export type Work = {
  executor: Executor;
  box: Outbox;
  /** The client's name for it. */
  id: string;
  operation: Operation;
  variables: Variables;
  caller: Bearer;
  request: RequestInfo;
};

/**
 * What the protocol's server holds of a running operation: it writes its results itself and yields nothing. It is done when
 * the operation is, and fails with the errors of one that was not executed. Returned, it stays pending for ever: the server
 * has forgotten the id by then, and would take what ends now for a later operation of the same id.
 */
export type Running = AsyncIterableIterator<never> & { return(): Promise<IteratorResult<never>> };

/** Errors of an operation that was not executed, on their way to the client. */
export class NotExecuted extends Error {
  override readonly name = "NotExecuted";
  readonly errors: readonly ApiError[];
  constructor(errors: readonly ApiError[]) {
    super("not executed");
    this.errors = errors;
  }
}

/** The same errors in the form that the protocol's server takes them before an operation begins. */
export const notExecuted = (errors: readonly ApiError[]): GraphQLError[] => [
  new GraphQLError("not executed", { originalError: new NotExecuted(errors) }),
];

/** A timer that is to wait longer than it can does not wait at all. */
const PAUSE_MAX_MS = 3_600_000;

const DONE: IteratorResult<never> = { done: true, value: undefined };

export type RunningEnds = {
  /** Called once, when nobody waits for it any more: it has ended, or was given up. */
  released(): void;
  /** Called once, when a query or a mutation runs no more, which may be later. */
  executed(): void;
};

/** An operation that begins when it is first asked for its next result. */
export function runningOperation(work: Work, { released, executed }: RunningEnds): Running {
  const { executor, box, id, operation, variables, caller, request } = work;
  let stream: Stream | undefined;
  let over = false;
  let settle: (errors?: readonly ApiError[]) => void = () => undefined;
  const ended = new Promise<IteratorResult<never>>((resolve, reject) => {
    settle = (errors) => (errors === undefined ? resolve(DONE) : reject(new NotExecuted(errors)));
  });
  // Nobody waits for it where the client gave up on the operation in the very moment in which it failed.
  ended.catch(() => undefined);

  /** RunningEnds a pause. */
  let goOn: () => void = () => undefined;
  const pause = (ms: number): Promise<void> =>
    new Promise((resolve) => {
      const timer = setTimeout(resolve, Math.min(ms, PAUSE_MAX_MS)).unref();
      goOn = () => {
        clearTimeout(timer);
        resolve();
      };
    });

  /** Lets go of a stream that nobody reads on. */
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
    if (answer.executed) sendText(box, `{"id":${JSON.stringify(id)},"type":"next","payload":${answer.text}}`);
    finish(answer.executed ? undefined : answer.errors);
  }

  async function subscription(): Promise<void> {
    const opened = await executor.subscribe(operation, variables, caller, request);
    if ("text" in opened) return finish(opened.errors);
    // Given up while it was opened: it was counted out then.
    if (over) return leave(opened);
    stream = opened;
    const { deliveries, render, delivered } = opened;
    const before = ownBytes(`{"id":${JSON.stringify(id)},"type":"next","payload":`);
    for (;;) {
      if (isFull(box)) await drained(box);
      if (over) return;
      const step = await deliveries.next();
      if (over) return;
      if (step.done) return finish();
      const rendered = render(step.value);
      const payload = rendered instanceof Promise ? await rendered : rendered;
      if (over) return;
      // Gone on, it would be passed over: the next delivery's cursor lies behind it.
      if (isUndelivered(payload)) return finish(payload.errors);
      sendResult(box, before, payload);
      // Before more is read: what was read would grow old.
      const ms = delivered();
      if (ms > 0) await pause(ms);
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
