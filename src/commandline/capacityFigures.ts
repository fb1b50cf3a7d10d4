/**
 * A number that the model of capacity rests on. `from`: where it was measured. An assumption was not measured: it is a guess, to
 * be replaced by a figure of one's own.
 */
export type Figure = { value: number; unit: string; what: string; from: string; assumed?: true };

const measured = (value: number, unit: string, what: string, from: string): Figure => ({ value, unit, what, from });
const assumed = (value: number, unit: string, what: string, why: string): Figure => ({
  value,
  unit,
  what,
  from: why,
  assumed: true,
});

const SENDS = "0027, sends over EventStoreDB, 64 in flight";
const THREE_RUNS = "0027, three runs on each Node, Node 24";

/** All of them, by the names that `--with` knows. `docs/scaling.md` lists the same. */
export const FIGURES = {
  "send-main": measured(303, "µs", "a send, of the API's main thread", SENDS),
  "send-others": measured(253, "µs", "a send, of the API's other threads: V8 116, log 92, others 45", SENDS),
  "mark-sends": assumed(1, "sends", "what a read mark takes of the API, in sends", "a mark is appended without being folded"),
  "delivery-main": measured(
    228,
    "µs",
    "a delivery to one connection: half of what a delivered send takes more than one that nobody is told of (740 - 285)",
    THREE_RUNS,
  ),
  "history-main": measured(383, "µs", "a page of history: 230 on a fast day, times 25 / 15 for a slow one", "0027, the table"),
  "list-main": measured(3_500, "µs", "a list of 500 conversations: 2,100 on a fast day, times 25 / 15", "0027, the table"),
  "sync-main": measured(607, "µs", "`sync` of ten entries", "0008"),
  "search-main": measured(1_824, "µs", "a search of an English word, of the API's main thread", "0027, both builds side by side"),
  "follow-event": measured(18.5, "µs", "an event that a process follows: 53,973 a second were read", "`npm run bench -- log`"),
  "fold-event": measured(109, "µs", "an event, of a projector", SENDS),
  "fold-row": measured(8.2, "µs", "each further inbox that a message is written to: (951 - 539) / 50", "0008"),
  "index-event": measured(70, "µs", "a message, of the indexer", SENDS),
  "index-rate": measured(11_218, "/s", "messages that one indexer wrote to Elasticsearch", "`npm run bench -- search`"),

  "append-rate": assumed(10_000, "/s", "appends of one EventStoreDB cluster", "11,790 on one node, `npm run bench -- log`"),
  "append-node": measured(
    371,
    "µs",
    "an append, of each node of EventStoreDB, at most: what two cores had left beside the bare client (2 / 3,474 s - 204 µs)",
    "0027, sends over EventStoreDB, 512 in flight",
  ),
  "read-node": measured(
    13.3,
    "µs",
    "an event that is read, of a node, at most: two cores for 62,958 a second, less the reader's part",
    "`npm run bench -- log`",
  ),
  "event-bytes": measured(600, "B", "an event of a short message on disk", "the manual, the log on EventStoreDB"),
  "event-index-bytes": assumed(24, "B", "an event in EventStoreDB's index", "its file format"),
  "log-node-memory": assumed(8, "GB", "memory of a node of EventStoreDB", "not measured"),

  "rows-direct": measured(8, "rows", "what a direct message writes beside its two inbox rows", "capacity.test.ts counts them"),
  "rows-group": measured(
    15,
    "rows",
    "what a message to a group writes and deletes beside its inbox rows, at most",
    "capacity.test.ts counts them",
  ),
  "rows-kept": measured(3, "rows", "of these, rows that stay: message, id and change", "capacity.test.ts counts them"),
  "rows-mark-direct": measured(
    3,
    "rows",
    "what a read mark writes in a direct conversation, its inbox row included",
    "capacity.test.ts counts them",
  ),
  "rows-mark-group": measured(7, "rows", "the same in a group", "capacity.test.ts counts them"),
  "row-bytes": measured(220, "B", "a row on PostgreSQL with its index", "the manual, views on PostgreSQL"),
  "row-write": measured(27, "µs", "a row that PostgreSQL writes: 37,000 a second by one connection", "0031"),
  "range-node": measured(130, "µs", "a range of 30 rows, of PostgreSQL", "`npm run bench -- postgres`"),
  "fetch-node": measured(388, "µs", "50 rows by their names, of PostgreSQL", "`npm run bench -- postgres`"),
  "ranges-operation": assumed(2, "", "ranges of an operation", "what is at hand is not asked for"),
  "fetches-operation": assumed(
    1,
    "",
    "times that an operation asks for rows by their names",
    "rows of a page are asked for together",
  ),
  "ranges-delivery": assumed(1, "", "ranges of a delivery", "one after a cursor"),
  "ranges-event": assumed(2, "", "ranges of an event that is folded", "rows of a page are asked for together"),
  "connections-api": measured(18, "", "connections of an API node to PostgreSQL, at most", "the manual, views on PostgreSQL"),
  "connections-other": measured(5, "", "those of a projector or indexer", "the manual, views on PostgreSQL"),
  "postgres-connections": assumed(2_000, "", "connections that one PostgreSQL takes", "each is a process"),
  "postgres-others": assumed(0.5, "", "what vacuum, checkpoints and the write-ahead log take beside", "not measured"),
  "postgres-standbys": assumed(1, "", "standbys of PostgreSQL, each as large", "usual"),
  "postgres-hot-days": assumed(1, "days", "whose rows should be in memory", "people read what is new"),

  "index-bytes": measured(250, "B", "a message in Elasticsearch, its text included", "`npm run bench -- search`"),
  "index-node": measured(
    178,
    "µs",
    "a message, of Elasticsearch, at most: two cores for 11,218 a second",
    "`npm run bench -- search`",
  ),
  "search-node": assumed(12_600, "µs", "a search, of Elasticsearch", "its median time, `npm run bench -- search`"),
  "index-copies": assumed(2, "", "copies of the index, the first included", "usual"),
  "index-memory-share": assumed(0.05, "", "how much of the index should be in memory", "people search what is new"),

  "signal-rate": assumed(100_000, "/s", "signals of one core of Redis", "not measured"),
  "device-bytes": assumed(1_000, "B", "a device that is online, in Redis", "not measured"),

  "socket-bytes": measured(17_800, "B", "a connection with a subscription", "`npm run bench -- sockets`"),
  "sockets-node": assumed(20_000, "", "connections of one API node", "5,000 were measured; CONNECTIONS_MAX is 50,000"),
  "process-memory": measured(0.6, "GB", "a server after a million sends (573 MiB)", "0027, consequences"),
  "waiting-memory": measured(0.27, "GB", "what may wait for readers of an API node", "BUFFERED_BYTES_TOTAL, the setting"),
  "build-memory": measured(0.53, "GB", "what a replay may take beside (500 MiB)", "0026, consequences"),
} as const satisfies Record<string, Figure>;

export type FigureName = keyof typeof FIGURES;
/** Their values alone, in the units that `FIGURES` names. */
export type Figures = Record<FigureName, number>;

export const usualFigures = (): Figures =>
  Object.fromEntries(Object.entries(FIGURES).map(([name, { value }]) => [name, value])) as Figures;
