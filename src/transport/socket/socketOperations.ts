import type { ExecutionArgs, GraphQLError, GraphQLSchema } from "graphql";
import type { SubscribePayload } from "graphql-ws";
import { Refusal } from "../../domain/refusal.ts";
import { BARRED, barred, type Bearer, expiredToken, type Tokens, withdrawnKey } from "../auth.ts";
import type { DocumentAsked, Documents } from "../documents.ts";
import type { ApiError } from "../errors.ts";
import type { Executor, RequestInfo } from "../execution/execute.ts";
import type { Operation, Prepared } from "../execution/operations.ts";
import { enterInFlight, type Quotas, type TransportConfig } from "../limits.ts";
import type { RateLimit } from "../rateLimit.ts";
import type { Subscriptions } from "../subscriptions.ts";
import type { Arrivals } from "./arrivals.ts";
import { type Outbox, sendText, sendTexts } from "./outbox.ts";
import { notExecuted, type Running, runningOperation, type Work } from "./running.ts";
import { type Answering, CloseCode, type Connection, KEY_WITHDRAWN } from "./socketConnections.ts";

/** The id stays in memory while an operation runs, so its length is limited. */
const ID_CHARACTERS = 128;

export type SocketOperations = {
  /**
   * Answers a query or a mutation whose document is known already: for each one, the protocol server would make a generator and
   * a dozen promises. False: the operation is another one, and the protocol server must take it. The id must be free.
   */
  answer(
    connection: Connection,
    requestOf: (connection: Connection) => RequestInfo,
    id: string,
    payload: SubscribePayload,
  ): boolean;
  /**
   * An operation that is counted and ready to run, or why it is not accepted. `isAsked`: false if the client gave the id up
   * meanwhile.
   */
  accept(
    connection: Connection,
    request: RequestInfo,
    id: string,
    payload: SubscribePayload,
    isAsked: () => boolean,
  ): Promise<ExecutionArgs | GraphQLError[]>;
};

export type SocketOperationsOptions = {
  schema: GraphQLSchema;
  executor: Executor;
  tokens: Pick<Tokens, "vouches" | "isBarred">;
  rate: RateLimit;
  quotas: Quotas;
  documents: Documents;
  subscriptions: Subscriptions;
  /** Is told which queries and mutations are under way. */
  arrivals: Pick<Arrivals, "began" | "ended">;
  config: Pick<TransportConfig, "subscriptionsPerSocket">;
  /** Tells a client to go, with the reason. */
  close: (connection: Connection, code: number, reason: string) => void;
};

/**
 * Accepts the operations that clients send over their sockets. Limits how many each client may run, and how much memory they
 * hold.
 */
export function socketOperations(options: SocketOperationsOptions): SocketOperations {
  const { schema, executor, tokens, rate, quotas, documents, subscriptions, arrivals, config, close } = options;
  const { times } = subscriptions;

  async function accept(
    connection: Connection,
    request: RequestInfo,
    id: string,
    payload: SubscribePayload & DocumentAsked,
    isAsked: () => boolean,
  ): Promise<ExecutionArgs | GraphQLError[]> {
    const { box } = connection;
    const { variables } = payload;
    try {
      const caller = admitted(connection, id, request);
      const payer = { userId: caller.userId, address: request.address };
      const preparing = documents.prepare(payload, payer, caller.admin);
      const operation = preparing instanceof Promise ? await stillAsked(connection, id, preparing, isAsked) : preparing;
      if (!("id" in operation)) return notExecuted(operation);
      // A client may reuse an id at the moment in which it gives the id up. So the earlier operation ends here.
      connection.preparing.delete(id);
      void connection.running.get(id)?.return();
      if (operation.kind === "subscription") enterSubscription(connection, caller, operation, variables);
      else enterInFlight(quotas, caller.userId);
      const given = variables ?? {};
      const cost = payload.extensions?.["cost"] === true ? executor.cost(operation, given) : undefined;
      const work: Work = { executor, box, id, opening, operation, variables: given, caller, request, times, cost };
      const running = tracked(connection, work);
      return { schema, document: operation.document, contextValue: running, rootValue: undefined };
    } catch (fault) {
      return notExecuted([executor.explain(fault, connection.caller, request)]);
    }
  }

  /** Who asks for an operation, if they may: takes what it costs at least. */
  function admitted(connection: Connection, id: string, { address }: RequestInfo): Bearer {
    const { caller } = connection;
    if (caller === undefined || connection.endsAt <= performance.now()) {
      close(connection, CloseCode.tokenExpired, "the token expired");
      throw expiredToken(caller?.expiresAt ?? 0);
    }
    if (!tokens.vouches(caller)) {
      close(connection, CloseCode.tokenExpired, KEY_WITHDRAWN);
      throw withdrawnKey();
    }
    if (tokens.isBarred?.(caller)) {
      close(connection, CloseCode.badToken, BARRED);
      throw barred();
    }
    if (id.length > ID_CHARACTERS)
      throw new Refusal("BAD_INPUT", `the id of an operation has at most ${ID_CHARACTERS} characters`);
    rate.take({ userId: caller.userId, address }, 1);
    return caller;
  }

  function answer(
    connection: Connection,
    requestOf: (connection: Connection) => RequestInfo,
    id: string,
    payload: SubscribePayload,
  ): boolean {
    if (!documents.isPlain(payload)) return false;
    const { query, operationName, variables } = payload;
    const operation = executor.known(query, operationName ?? undefined);
    if (operation === undefined || operation.kind === "subscription") return false;
    const { box, answering } = connection;
    const request = requestOf(connection);
    let caller: Bearer;
    try {
      caller = admitted(connection, id, request);
      enterInFlight(quotas, caller.userId);
    } catch (fault) {
      sendErrors(box, id, [executor.explain(fault, connection.caller, request)]);
      return true;
    }
    const began = arrivals.began();
    const asked: Answering = { isGivenUp: false };
    answering.set(id, asked);
    const { userId } = caller;
    executor.begin(operation, variables ?? {}, caller, request, (made) => {
      quotas.inFlight.leave(userId);
      arrivals.ended(began);
      if (asked.isGivenUp) return;
      answering.delete(id);
      if (made.executed) sendAnswer(box, JSON.stringify(id), made.text);
      else sendErrors(box, id, made.errors ?? []);
    });
    return true;
  }

  /**
   * The operation when it is prepared. If the client gave it up meanwhile, or reused its id, the promise stays pending for
   * ever. Otherwise the protocol server would take this end for that of the later operation.
   */
  async function stillAsked(
    connection: Connection,
    id: string,
    promised: Promise<Prepared>,
    isAsked: () => boolean,
  ): Promise<Prepared> {
    const { preparing } = connection;
    const asked = Symbol(id);
    preparing.set(id, asked);
    const outcome = await promised.catch((fault: unknown) => ({ fault }));
    const isLast = preparing.get(id) === asked;
    if (isLast) preparing.delete(id);
    if (!isLast || connection.gone || connection.closedAt !== undefined || !isAsked()) return new Promise(() => undefined);
    if ("fault" in outcome) throw outcome.fault;
    return outcome;
  }

  function enterSubscription(
    connection: Connection,
    { userId }: Bearer,
    operation: Operation,
    variables: SubscribePayload["variables"],
  ): void {
    const max = config.subscriptionsPerSocket;
    if (max > 0 && connection.subscriptions >= max)
      throw new Refusal("LIMIT_EXCEEDED", `a connection holds at most ${max} subscriptions: end some, or open another`);
    subscriptions.enter(userId, operation, variables);
  }

  function tracked(connection: Connection, work: Work): Running {
    const { userId } = work.caller;
    const isSubscription = work.operation.kind === "subscription";
    const more = isSubscription ? 1 : 0;
    const began = isSubscription ? 0 : arrivals.began();
    const operation = runningOperation(work, {
      released() {
        connection.running.delete(work.id);
        connection.subscriptions -= more;
        if (isSubscription) subscriptions.leave(userId, work.operation);
      },
      executed() {
        if (isSubscription) return;
        quotas.inFlight.leave(userId);
        arrivals.ended(began);
      },
    });
    connection.running.set(work.id, operation);
    connection.subscriptions += more;
    return operation;
  }

  return { answer, accept };
}

const opening = (id: string): string => `{"id":${JSON.stringify(id)},"type":"next","payload":`;

function sendErrors(box: Outbox, id: string, errors: readonly ApiError[]): void {
  sendText(box, JSON.stringify({ id, type: "error", payload: errors }));
}

/** `id`: as JSON. */
function sendAnswer(box: Outbox, id: string, text: string): void {
  sendTexts(box, `{"id":${id},"type":"next","payload":${text}}`, `{"id":${id},"type":"complete"}`);
}
