import type { Figures } from "./capacityFigures.ts";

/** What people do. Times a day are of each user. Shares are from 0 to 1, sizes in bytes. */
export type Load = {
  users: number;
  sendsPerDay: number;
  peak: number;
  online: number;
  devices: number;
  groupShare: number;
  groupSize: number;
  fanoutLimit: number;
  marks: number;
  messageBytes: number;
  pagesPerDay: number;
  visitsPerDay: number;
  searchesPerDay: number;
  retentionDays: number;
  inboxDays: number;
  busy: number;
  machineCores: number;
  machineMemory: number;
  machineDisk: number;
};

/** What comes of it, a second at the peak, and what stays of a day. */
export type Rates = {
  sends: number;
  marks: number;
  appends: number;
  deliveries: number;
  pages: number;
  visits: number;
  searches: number;
  connections: number;
  /** Inboxes that messages are written to. */
  inboxRows: number;
  rows: number;
  /** What PostgreSQL is asked: ranges, and rows by their names. */
  ranges: number;
  fetches: number;
  signals: number;
  /** Of a day, in bytes. */
  logADay: number;
  timelinesADay: number;
  inboxesADay: number;
  indexADay: number;
};

/** A part of the cluster. `cores`, `memory` and `disk` are of all its nodes together, in cores and bytes. */
export type Part = { part: string; nodes: number; cores: number; memory: number; disk: number };

/**
 * `used`: how much of what there can be is asked for, 1 for all of it. `beyond`: what to do then. `divides`: more logs help, and
 * the plan has as many.
 */
export type Limit = { limit: string; wanted: number; most: number; unit: string; used: number; beyond: string; divides: boolean };

/**
 * What a load takes. `logs`: how many Tidings of their own, each with a log for some of the tenants. `parts` are of all of them,
 * `limits` of one that had all the load, the nearest first. `usersAtFirst`: with how many users the first one is reached.
 */
export type Plan = {
  logs: number;
  slices: number;
  rates: Rates;
  parts: Part[];
  limits: Limit[];
  usersAtFirst: number;
};

const DAY_S = 86_400;
const MICRO = 1e-6;
const GB = 1e9;
const TENANTS = "several logs, each a Tidings of its own for some of the tenants";
/** A majority of three goes on when one is lost. */
const LOG_NODES = 3;
/** One may be lost, or be replaced by a newer version, and the others go on. */
const LEAST = 2;
const REDIS_NODES = 2;
/** So that the slices of a projector that is lost are shared by several. */
const SLICES_A_PROJECTOR = 4;
/** As many as PROJECTION_SLICES may be. */
const MOST_SLICES = 64;

export function ratesOf(load: Load, figures: Figures): Rates {
  const aSecond = (aDay: number): number => (load.users * aDay * load.peak) / DAY_S;
  const { groupShare, groupSize } = load;
  const isWide = groupSize > load.fanoutLimit;
  const sentADay = load.users * load.sendsPerDay;
  const sends = aSecond(load.sendsPerDay);

  const recipients = 1 - groupShare + groupShare * (groupSize - 1);
  const inboxes = 2 * (1 - groupShare) + groupShare * (isWide ? 0 : groupSize);
  const marksASend = { direct: (1 - groupShare) * load.marks, group: groupShare * (groupSize - 1) * load.marks };
  const marksOfSend = marksASend.direct + marksASend.group;
  const rowsOfSend =
    (1 - groupShare) * figures["rows-direct"] +
    groupShare * figures["rows-group"] +
    inboxes +
    marksASend.direct * figures["rows-mark-direct"] +
    marksASend.group * figures["rows-mark-group"];

  const marks = sends * marksOfSend;
  const appends = sends + marks;
  const deliveries = sends * load.devices * (1 + recipients * load.online);
  const [pages, visits, searches] = [aSecond(load.pagesPerDay), aSecond(load.visitsPerDay), aSecond(load.searchesPerDay)];
  const operations = sends + marks + pages + 2 * visits + searches;
  return {
    sends,
    marks,
    appends,
    deliveries,
    pages,
    visits,
    searches,
    connections: load.users * load.online * load.devices,
    inboxRows: sends * inboxes,
    rows: sends * rowsOfSend,
    ranges:
      operations * figures["ranges-operation"] + deliveries * figures["ranges-delivery"] + appends * figures["ranges-event"],
    fetches: operations * figures["fetches-operation"],
    // Each inbox has a topic, and so has each conversation; a mark is told to its user.
    signals: sends * (inboxes + 1) + marks,
    logADay: sentADay * ((1 + marksOfSend) * (figures["event-bytes"] + figures["event-index-bytes"]) + load.messageBytes),
    timelinesADay: sentADay * (figures["rows-kept"] * figures["row-bytes"] + load.messageBytes),
    inboxesADay: sentADay * (inboxes + marksOfSend) * figures["row-bytes"],
    indexADay: sentADay * figures["index-bytes"],
  };
}

/** Bytes of one whole set of the views' rows. */
const rowsOnDisk = (load: Load, rates: Rates): number =>
  rates.timelinesADay * load.retentionDays + rates.inboxesADay * Math.min(load.inboxDays, load.retentionDays);

/** Work in µs a second as cores. */
const coresOf = (load: Load, micros: number): number => (micros * MICRO) / load.busy;

function postgresCores(load: Load, rates: Rates, figures: Figures): number {
  const asked = rates.ranges * figures["range-node"] + rates.fetches * figures["fetch-node"];
  const micros = (rates.rows * figures["row-write"] + asked) * (1 + figures["postgres-others"]);
  return coresOf(load, micros);
}

/** How many API nodes and projectors the work asks for, not rounded. The main thread of a process has one core. */
function nodesAsked(load: Load, rates: Rates, figures: Figures): { main: number; apis: number; projectors: number } {
  const main = coresOf(
    load,
    (rates.sends + rates.marks * figures["mark-sends"]) * figures["send-main"] +
      rates.deliveries * figures["delivery-main"] +
      rates.pages * figures["history-main"] +
      rates.visits * (figures["list-main"] + figures["sync-main"]) +
      rates.searches * figures["search-main"],
  );
  const folding = rates.appends * figures["fold-event"] + rates.inboxRows * figures["fold-row"];
  return { main, apis: Math.max(main, rates.connections / figures["sockets-node"]), projectors: coresOf(load, folding) };
}

/** How far each thing is used by all the load on one Tidings, the furthest first. */
export function limitsOf(load: Load, figures: Figures): Limit[] {
  const rates = ratesOf(load, figures);
  const nodes = nodesAsked(load, rates, figures);
  const limit = (name: string, wanted: number, most: number, unit: string, beyond: string): Limit => ({
    limit: name,
    wanted,
    most,
    unit,
    used: wanted / most,
    beyond,
    divides: beyond.includes(TENANTS),
  });
  return [
    limit("appends of one EventStoreDB cluster", rates.appends, figures["append-rate"], "/s", TENANTS),
    limit("one process that follows the log", rates.appends, load.busy / (figures["follow-event"] * MICRO), "/s", TENANTS),
    limit("projectors, one for each slice", nodes.projectors, MOST_SLICES, "", TENANTS),
    limit("the log on one node's disk", rates.logADay * load.retentionDays, load.machineDisk, "B", `${TENANTS}, or larger disks`),
    limit(
      "messages of the one indexer",
      rates.sends,
      figures["index-rate"],
      "/s",
      "search is behind at the peak, and catches up later",
    ),
    limit(
      "cores of one PostgreSQL",
      postgresCores(load, rates, figures),
      load.machineCores,
      "cores",
      "PostgreSQL divided by `partition` over several machines",
    ),
    limit(
      "connections of one PostgreSQL",
      nodes.apis * figures["connections-api"] + nodes.projectors * figures["connections-other"],
      figures["postgres-connections"],
      "",
      "fewer API nodes with more clients each (`sockets-node`), or a PostgreSQL that takes more",
    ),
    limit("rows on one PostgreSQL's disk", rowsOnDisk(load, rates), load.machineDisk, "B", "the same, or larger disks"),
    limit("signals of one Redis", rates.signals, figures["signal-rate"] * load.busy, "/s", "a Redis for each of several Tidings"),
  ].sort((one, other) => other.used - one.used);
}

/** What `load` takes on one Tidings. */
function partsOf(load: Load, figures: Figures): { parts: Part[]; slices: number } {
  const rates = ratesOf(load, figures);
  const busy = (micros: number): number => coresOf(load, micros);
  const follow = busy(rates.appends * figures["follow-event"]);
  const processMemory = figures["process-memory"] * GB;

  const { main, apis: asked, projectors: folding } = nodesAsked(load, rates, figures);
  const others = busy((rates.sends + rates.marks * figures["mark-sends"]) * figures["send-others"]);
  const apis = Math.max(LEAST, Math.ceil(asked));
  const projectors = Math.max(LEAST, Math.ceil(folding));
  const indexing = busy(rates.sends * figures["index-event"]);
  const readers = apis + projectors + 1;

  const onDisk = rowsOnDisk(load, rates);
  const postgres = postgresCores(load, rates, figures);
  const hot = (rates.timelinesADay + rates.inboxesADay) * Math.min(figures["postgres-hot-days"], load.retentionDays);
  const primaries = Math.max(
    1,
    Math.ceil(postgres / load.machineCores),
    Math.ceil(onDisk / load.machineDisk),
    Math.ceil(hot / load.machineMemory),
  );
  const databases = primaries * (1 + figures["postgres-standbys"]);

  const index = rates.indexADay * load.retentionDays * figures["index-copies"];
  const searching = busy(rates.sends * figures["index-node"] * figures["index-copies"] + rates.searches * figures["search-node"]);
  const indexMemory = index * figures["index-memory-share"];
  const indexNodes = Math.max(
    figures["index-copies"],
    Math.ceil(searching / load.machineCores),
    Math.ceil(index / load.machineDisk),
    Math.ceil(indexMemory / load.machineMemory),
  );

  const logCores =
    LOG_NODES * busy(rates.appends * figures["append-node"]) + busy(rates.appends * readers * figures["read-node"]);
  const logOnDisk = rates.logADay * load.retentionDays;

  return {
    slices: Math.min(MOST_SLICES, 2 ** Math.ceil(Math.log2(projectors * SLICES_A_PROJECTOR))),
    parts: [
      {
        part: "API",
        nodes: apis,
        cores: main + others + apis * follow,
        memory: apis * (processMemory + figures["waiting-memory"] * GB) + rates.connections * figures["socket-bytes"],
        disk: 0,
      },
      {
        part: "projector",
        nodes: projectors,
        cores: folding + projectors * follow,
        memory: projectors * (processMemory + figures["build-memory"] * GB),
        disk: 0,
      },
      { part: "indexer", nodes: 1, cores: indexing + follow, memory: processMemory + figures["build-memory"] * GB, disk: 0 },
      {
        part: "EventStoreDB",
        nodes: LOG_NODES,
        cores: logCores,
        memory: LOG_NODES * figures["log-node-memory"] * GB,
        disk: LOG_NODES * logOnDisk,
      },
      {
        part: "PostgreSQL",
        nodes: databases,
        cores: postgres * (1 + figures["postgres-standbys"]),
        memory: hot * (1 + figures["postgres-standbys"]),
        disk: onDisk * (1 + figures["postgres-standbys"]),
      },
      { part: "Elasticsearch", nodes: indexNodes, cores: searching, memory: indexMemory, disk: index },
      {
        part: "Redis",
        nodes: REDIS_NODES,
        cores: REDIS_NODES * (rates.signals / figures["signal-rate"] / load.busy),
        memory: REDIS_NODES * rates.connections * figures["device-bytes"],
        disk: 0,
      },
    ],
  };
}

/** What a load takes, and where it ends. Pure: the same for the same. */
export function planOf(load: Load, figures: Figures): Plan {
  const limits = limitsOf(load, figures);
  const rates = ratesOf(load, figures);
  const first = limits[0]?.used ?? 0;
  const logs = Math.max(1, ...limits.filter(({ divides }) => divides).map(({ used }) => Math.ceil(used)));
  const { parts, slices } = partsOf({ ...load, users: load.users / logs }, figures);
  return {
    logs,
    slices,
    rates,
    limits,
    usersAtFirst: first === 0 ? Number.POSITIVE_INFINITY : load.users / first,
    parts: parts.map(({ part, nodes, cores, memory, disk }) => ({
      part,
      nodes: nodes * logs,
      cores: Math.max(nodes, Math.ceil(cores)) * logs,
      memory: Math.max(nodes, Math.ceil(memory / GB)) * logs * GB,
      disk: disk === 0 ? 0 : Math.ceil(disk / GB) * logs * GB,
    })),
  };
}
