import { once } from "node:events";
import { createServer, type AddressInfo, type Socket } from "node:net";
import { GossipService } from "@eventstore/db-client/generated/gossip_grpc_pb.js";
import gossip from "@eventstore/db-client/generated/gossip_pb.js";
import { ServerFeaturesService } from "@eventstore/db-client/generated/serverfeatures_grpc_pb.js";
import features from "@eventstore/db-client/generated/serverfeatures_pb.js";
import shared from "@eventstore/db-client/generated/shared_pb.js";
import type streams from "@eventstore/db-client/generated/streams_pb.js";
import { StreamsService } from "@eventstore/db-client/generated/streams_grpc_pb.js";
import { Server, ServerCredentials, type sendUnaryData, type ServerUnaryCall } from "@grpc/grpc-js";
import { append, batchAppend, meet, type AppendingNode, type Arrived, type SeenAppend } from "./appends.ts";
import { endings, faults, type AppendFault, type Ending, type Faults, type ProbeFault, type ReadFault } from "./faults.ts";
import { eventLog, type EventLog } from "./log.ts";
import { read, type ReadingNode } from "./reads.ts";

/** What becomes of an append that was held: it is answered, stored without an answer, or lost. */
export type Fate = "answered" | "stored" | "lost";

/** Appends that have come and wait. */
export type HeldAppends = {
  readonly count: number;
  /** Each meets its fate, and then the calls that they came with end. */
  end(ending: Ending, fate: (index: number) => Fate): void;
  /** Each meets its fate, and the calls stay open. */
  release(fate?: (index: number) => Fate): void;
};

/**
 * A fixture for faults, and no EventStoreDB: it speaks the part of its protocol that one client (6.2.1) uses, keeps events in
 * memory, and goes wrong to order. That an adapter works with it proves nothing of its working with a real server: it never runs
 * in a contract suite.
 */
export type FaultyEventStore = {
  readonly host: string;
  readonly port: number;
  /** A connection string for this node alone. */
  readonly url: string;
  readonly log: EventLog;
  readonly appendFaults: Faults<AppendFault>;
  readonly readFaults: Faults<ReadFault>;
  readonly subscriptionFaults: Faults<ReadFault>;
  /** Of the question which methods the server has, which the client asks before it appends. */
  readonly probeFaults: Faults<ProbeFault>;
  /** Every append that came whole, in order, also those that met a fault. */
  readonly appends: readonly SeenAppend[];
  /** How many reads came, subscriptions apart. */
  readonly reads: number;
  readonly subscriptions: { readonly open: number; readonly begun: number };
  /** From now on appends wait, until they are told their fate. */
  holdAppends(): HeldAppends;
  /** The last append that was answered is answered again. */
  answerAgain(): void;
  endSubscriptions(ending: Ending): void;
  /** This node no longer gets what the log gets, until the function returned is called. */
  lag(): () => void;
  /** What this node is in its cluster: another leads, or (undefined) it does. */
  follow(leader: FaultyEventStore | undefined): void;
  readonly leads: boolean;
  readonly running: boolean;
  /** Every connection breaks off, as when the process is killed, and new ones are refused. */
  stop(): Promise<void>;
  /** Listens on the same port again, with the same log. */
  start(): Promise<void>;
  close(): Promise<void>;
};

const HOST = "127.0.0.1";
/** What a real server allows. */
const STREAMS_PER_CONNECTION = 100;

/**
 * Starts one node. `members`: what its gossip tells, itself alone where it is not given. `clockAheadMs`: how far its clock is
 * ahead of ours.
 */
export async function faultyEventStore(
  options: {
    log?: EventLog;
    version?: string;
    batchAppend?: boolean;
    members?: () => readonly FaultyEventStore[];
    clockAheadMs?: number;
  } = {},
): Promise<FaultyEventStore> {
  const { log = eventLog(), version = "24.2.0" } = options;
  const members = options.members ?? (() => [store]);
  const appends: SeenAppend[] = [];
  const subscriptions = new Set<(ending: Ending) => void>();
  const waking = new Set<() => void>();
  const probeFaults = faults<ProbeFault>();
  const appendFaults = faults<AppendFault>();
  const readFaults = faults<ReadFault>();
  const subscriptionFaults = faults<ReadFault>();
  let reads = 0;
  let begun = 0;
  let lagging: number | undefined;
  let leader: FaultyEventStore | undefined;
  let held: Arrived[] | undefined;
  let again = (): void => {};

  const meetNext = (arrived: Arrived, fault: AppendFault | undefined): void => {
    const answer: Arrived["answer"] = (outcome, withPosition) => {
      again = () => arrived.answer(outcome, withPosition);
      again();
    };
    meet({ ...arrived, answer }, fault);
  };

  const node: AppendingNode & ReadingNode = {
    log,
    now: () => Date.now() + (options.clockAheadMs ?? 0),
    visible: () => lagging ?? log.events.length,
    listen(wake) {
      waking.add(wake);
      return () => waking.delete(wake);
    },
    notLeader: () => leader && endings.notLeader(leader.host, leader.port),
    fault(kind) {
      if (kind === "read") reads++;
      return (kind === "read" ? readFaults : subscriptionFaults).take();
    },
    subscribed(end) {
      begun++;
      subscriptions.add(end);
      return () => subscriptions.delete(end);
    },
    arrived(arrived) {
      appends.push(arrived.seen);
      if (held) held.push(arrived);
      else meetNext(arrived, appendFaults.take());
    },
  };
  const wakeAll = (): void => [...waking].forEach((wake) => wake());
  log.listen(wakeAll);

  const server = new Server({ "grpc.max_concurrent_streams": STREAMS_PER_CONNECTION });
  server.addService(StreamsService, {
    read: (call: Parameters<typeof read>[1]) => read(node, call),
    append: (call: Parameters<typeof append>[1], callback: sendUnaryData<streams.AppendResp>) => append(node, call, callback),
    batchAppend: (call: Parameters<typeof batchAppend>[1]) => batchAppend(node, call),
  });
  server.addService(ServerFeaturesService, {
    getSupportedMethods(
      _: ServerUnaryCall<shared.Empty, features.SupportedMethods>,
      callback: sendUnaryData<features.SupportedMethods>,
    ) {
      const fault = probeFaults.take();
      if (fault === "silent") return;
      if (fault) callback(fault);
      else callback(null, supported(version, options.batchAppend ?? true));
    },
  });
  server.addService(GossipService, {
    read: (_: ServerUnaryCall<shared.Empty, gossip.ClusterInfo>, callback: sendUnaryData<gossip.ClusterInfo>) =>
      callback(null, clusterInfo(members())),
  });

  // Connections are let in by hand, so that they can be cut as a process that is killed cuts them.
  const injector = server.createConnectionInjector(ServerCredentials.createInsecure());
  const sockets = new Set<Socket>();
  const listener = createServer({ noDelay: true }, (socket) => {
    sockets.add(socket);
    socket.on("close", () => sockets.delete(socket)).on("error", () => {});
    injector.injectConnection(socket);
  });
  const listen = async (port: number): Promise<void> => {
    listener.listen(port, HOST);
    await once(listener, "listening");
  };
  const stop = async (): Promise<void> => {
    if (!listener.listening) return;
    const closed = once(listener, "close");
    listener.close();
    for (const socket of sockets) socket.resetAndDestroy();
    await closed;
    log.forget();
  };

  await listen(0);
  const { port } = listener.address() as AddressInfo;
  const store: FaultyEventStore = {
    host: HOST,
    port,
    url: `esdb://${HOST}:${port}?tls=false`,
    log,
    appendFaults,
    readFaults,
    subscriptionFaults,
    probeFaults,
    appends,
    get reads() {
      return reads;
    },
    subscriptions: {
      get open() {
        return subscriptions.size;
      },
      get begun() {
        return begun;
      },
    },
    holdAppends() {
      const waiting: Arrived[] = [];
      held = waiting;
      const release = (fate: (index: number) => Fate = () => "answered"): void => {
        if (held === waiting) held = undefined;
        waiting.forEach((arrived, index) => {
          const kind = fate(index);
          meetNext(arrived, kind === "answered" ? undefined : { kind: "silent", stored: kind === "stored" });
        });
      };
      return {
        get count() {
          return waiting.length;
        },
        release,
        end(ending, fate) {
          release(fate);
          for (const arrived of waiting) arrived.end(ending);
        },
      };
    },
    answerAgain: () => again(),
    endSubscriptions: (ending) => [...subscriptions].forEach((end) => end(ending)),
    lag() {
      lagging = log.events.length;
      return () => {
        lagging = undefined;
        wakeAll();
      };
    },
    follow(other) {
      leader = other;
    },
    get leads() {
      return leader === undefined;
    },
    get running() {
      return listener.listening;
    },
    stop,
    start: () => listen(port),
    async close() {
      await stop();
      injector.destroy();
      server.forceShutdown();
    },
  };
  return store;
}

function supported(version: string, batches: boolean): features.SupportedMethods {
  const answer = new features.SupportedMethods();
  answer.setEventStoreServerVersion(version);
  for (const name of batches ? ["read", "append", "batchappend"] : ["read", "append"]) {
    const method = new features.SupportedMethod();
    method.setServiceName("event_store.client.streams.streams");
    method.setMethodName(name);
    answer.addMethods(method);
  }
  return answer;
}

function clusterInfo(members: readonly FaultyEventStore[]): gossip.ClusterInfo {
  const info = new gossip.ClusterInfo();
  members.forEach(({ host, port, leads, running }, index) => {
    const place = new gossip.EndPoint();
    place.setAddress(host);
    place.setPort(port);
    const id = new shared.UUID();
    id.setString(`00000000-0000-4000-8000-${String(index).padStart(12, "0")}`);
    const member = new gossip.MemberInfo();
    member.setInstanceId(id);
    member.setTimeStamp(String(Date.now()));
    member.setState(leads ? gossip.MemberInfo.VNodeState.LEADER : gossip.MemberInfo.VNodeState.FOLLOWER);
    member.setIsAlive(running);
    member.setHttpEndPoint(place);
    info.addMembers(member);
  });
  return info;
}
