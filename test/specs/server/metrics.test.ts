import { readFile } from "node:fs/promises";
import { format } from "prettier";
import { afterAll, beforeAll, describe, expect, it, test } from "vitest";
import { randomUUID } from "node:crypto";
import { viewProjections } from "../../../projections/index.ts";
import { search } from "../../../projections/search/search.ts";
import { type ApiServer, apiServer } from "../../support/apiServer.ts";
import { type Client, registeredAll } from "../../support/client.ts";
import { until } from "../../support/until.ts";

/* What /metrics says of a whole server, and that the dashboard and the alert rules of docs/ ask for nothing else. */

const PROJECTIONS = [...viewProjections, search].map(({ name }) => name);
const CODES = [
  "UNAUTHENTICATED",
  "FORBIDDEN",
  "NOT_FOUND",
  "BAD_INPUT",
  "CONFLICT",
  "LIMIT_EXCEEDED",
  "RATE_LIMITED",
  "UNAVAILABLE",
  "INTERNAL",
];

type Line = { name: string; labels: Record<string, string>; value: number };

let server: ApiServer;
let ann: Client;
let bob: Client;
/** The first answer, before anything happened. */
let fresh: Line[];

beforeAll(async () => {
  server = await apiServer();
  fresh = await metrics();
  [ann, bob] = await registeredAll(server, "ann", "bob");
});
afterAll(() => server[Symbol.asyncDispose]());

const text = async () => (await fetch(`${server.address}/metrics`)).text();

/** The lines of an answer: `name{label="value"} 1`. */
async function metrics(): Promise<Line[]> {
  return (await text()).split("\n").flatMap((line) => {
    const [, name, inner = "", value] = /^(\w+)(?:\{(.*)\})? (\S+)$/.exec(line) ?? [];
    if (name === undefined) return [];
    const labels = Object.fromEntries([...inner.matchAll(/(\w+)="([^"]*)"/g)].map(([, key, of]) => [key, of])) as Line["labels"];
    return [{ name, labels, value: Number(value) }];
  });
}

const among = (lines: readonly Line[], name: string, labels: Record<string, string> = {}): number | undefined =>
  lines.find((line) => line.name === name && Object.entries(labels).every(([key, value]) => line.labels[key] === value))?.value;
const valueOf = async (name: string, labels?: Record<string, string>) => among(await metrics(), name, labels);

describe("/metrics", () => {
  it("has every code from zero on, and every projection, before anything happens", () => {
    for (const code of CODES) expect(among(fresh, "tidings_errors_total", { code }), code).toBe(0);
    for (const kind of ["query", "mutation", "subscription"])
      expect(among(fresh, "tidings_operation_seconds_count", { kind }), kind).toBe(0);
    for (const projection of PROJECTIONS) {
      for (const name of ["lag_events", "lag_seconds", "parked", "rows_total"])
        expect(among(fresh, `tidings_projection_${name}`, { projection }), `${name} of ${projection}`).toBeTypeOf("number");
      const states = fresh.filter(({ name, labels }) => name === "tidings_projection_state" && labels.projection === projection);
      expect(states.map(({ value }) => value).sort()).toEqual([0, 0, 0, 0, 0, 1]);
    }
    expect(among(fresh, "tidings_delivery_seconds_count")).toBe(0);
  });

  it("counts what is appended, folded, answered and delivered", async () => {
    const listening = bob.inbox();
    await listening.until("it listens", ({ __typename }) => __typename === "InboxCaughtUp");
    const before = await metrics();
    const { cursor } = await ann.act("sendMessage", { userId: "bob", text: "hello" });
    await listening.until("it is told", ({ __typename }) => __typename === "MessageReceived");
    await ann.ask('query ($at: Cursor) { node(id: "ann", atLeast: $at) { id } }', { at: cursor });
    await expect(ann.act("sendMessage", { userId: "nobody", text: "hello" })).rejects.toThrow();
    const after = await until("the rows are counted", async () => {
      const lines = await metrics();
      const rows = (of: readonly Line[]) => among(of, "tidings_projection_rows_total", { projection: "timelines" }) ?? 0;
      return rows(lines) > rows(before) ? lines : undefined;
    });
    const grown = (name: string, labels?: Record<string, string>) =>
      (among(after, name, labels) ?? 0) - (among(before, name, labels) ?? 0);
    expect(grown("tidings_delivery_seconds_count")).toBe(1);
    expect(among(after, "tidings_delivery_seconds_bucket", { le: "+Inf" })).toBe(1);
    expect(grown("tidings_delivery_seconds_sum")).toBeLessThan(30);
    expect(grown("tidings_append_seconds_count")).toBeGreaterThan(0);
    if (server.config.eventStoreUrl === undefined) expect(grown("tidings_fsync_seconds_count")).toBeGreaterThan(0);
    expect(grown("tidings_operation_seconds_count", { kind: "mutation" })).toBe(2);
    expect(grown("tidings_operation_seconds_count", { kind: "query" })).toBe(1);
    expect(grown("tidings_errors_total", { code: "NOT_FOUND" })).toBe(1);
    expect(among(after, "tidings_subscriptions")).toBe(1);
    await listening.close();
  });

  it("does not count the delivery of what was missed", async () => {
    const { cursor } = await ann.act("sendMessage", { userId: "bob", text: "while bob is away" });
    const before = await valueOf("tidings_delivery_seconds_count");
    const listening = bob.inbox(server.tidings.log.origin);
    await listening.until("it has all", ({ __typename }) => __typename === "InboxCaughtUp");
    expect(listening.entries.some((entry) => entry.__typename === "MessageReceived" && entry.cursor === cursor)).toBe(true);
    expect(await valueOf("tidings_delivery_seconds_count")).toBe(before);
    await listening.close();
  });

  it("has buckets that add up", async () => {
    const lines = await metrics();
    for (const name of ["operation", "append", "fsync", "delivery"].map((of) => `tidings_${of}_seconds`)) {
      for (const { labels, value } of lines.filter((line) => line.name === `${name}_count`)) {
        const buckets = lines.filter((line) => line.name === `${name}_bucket` && line.labels.kind === labels.kind);
        expect(buckets.map((bucket) => bucket.value)).toEqual(buckets.map((bucket) => bucket.value).sort((a, b) => a - b));
        expect(buckets.at(-1)).toMatchObject({ labels: { le: "+Inf" }, value });
      }
    }
  });

  it("tells of the parts, the disk and the version", async () => {
    const lines = await until("all are ready", async () => {
      const found = await metrics();
      const ready = found.filter(({ name }) => name === "tidings_component_ready");
      return ready.length === 7 && ready.every(({ value }) => value === 1) ? found : undefined;
    });
    expect(among(lines, "tidings_ready")).toBe(1);
    for (const component of ["log", "views", "search"])
      expect(among(lines, "tidings_component_bytes", { component }), component).toBeGreaterThan(0);
    expect(among(lines, "tidings_disk_free_bytes")).toBeLessThanOrEqual(among(lines, "tidings_disk_bytes") ?? 0);
    const { version } = JSON.parse(await readFile("package.json", "utf8")) as { version: string };
    expect(among(lines, "tidings_build_info", { version, node: process.versions.node })).toBe(1);
    expect(among(lines, "tidings_generation_bytes", { projection: "timelines", state: "READ" })).toBeTypeOf("number");
  });

  it("says how many events are parked", async () => {
    const broken = {
      id: randomUUID(),
      type: "MessageRecalled",
      data: { conversationId: "d:ann~bob" },
      metadata: { $correlationId: "c", $causationId: "c", actorId: "ann", at: new Date().toISOString(), schema: 1 },
    };
    const parked = () => valueOf("tidings_projection_parked", { projection: "timelines" });
    const blocked = (projection: string) => valueOf("tidings_projection_blocked_keys", { projection });
    expect(await Promise.all(["relations", "friends", "timelines"].map(blocked))).toEqual([0, 0, 0]);
    await server.tidings.log.append("annotation-d:ann~bob:1", [broken], "any");
    await until("it is counted", async () => (await parked()) === 1);
    expect(await Promise.all(["relations", "friends", "timelines"].map(blocked))).toEqual([0, 0, 1]);
    expect(await valueOf("tidings_projection_blocked_keys", { projection: "inboxes" })).toBeUndefined();
    await until("it is written of", () => server.logged.length > 0);
    server.logged.length = 0;
  });
});

/** What the language of Prometheus itself knows. */
const WORDS = new Set(
  (
    "sum min max avg count by without on ignoring unless and or bool le rate increase predict_linear histogram_quantile label_values " +
    "component projection state kind code version instance generation process service outcome"
  ).split(" "),
);

/** The names of metrics in an expression. */
function namesIn(expression: string): string[] {
  const bare = expression
    .replace(/\{[^}]*\}/g, "")
    .replace(/"[^"]*"/g, "")
    .replace(/\[[^\]]*\]/g, "");
  return [...bare.matchAll(/[a-zA-Z_]\w*/g)].map(([name]) => name).filter((name) => !WORDS.has(name));
}

/** The labels that an expression asks for in braces, by metric. */
const labelsIn = (expression: string): [name: string, label: string][] =>
  [...expression.matchAll(/(\w+)\{([^}]*)\}/g)].flatMap(([, name = "", inner = ""]) =>
    [...inner.matchAll(/(\w+)\s*=~?|(\w+)\s*!=/g)].map(([, one, other]): [string, string] => [name, one ?? other ?? ""]),
  );

describe("docs", () => {
  /** Every metric that is told, also without a line right now. */
  const known = async (): Promise<Set<string>> => {
    const types = [...(await text()).matchAll(/^# TYPE (\w+) (\w+)$/gm)];
    return new Set(
      types.flatMap(([, name = "", type]) =>
        type === "histogram" ? ["_bucket", "_sum", "_count"].map((end) => name + end) : [name],
      ),
    );
  };
  const labelsOf = async (): Promise<Map<string, Set<string>>> => {
    const found = new Map<string, Set<string>>();
    for (const { name, labels } of await metrics())
      found.set(name, new Set([...(found.get(name) ?? []), ...Object.keys(labels), "instance"]));
    return found;
  };

  /** Fails if a name is asked for that no server tells. */
  async function areTold(expressions: readonly string[]): Promise<void> {
    expect(expressions.length).toBeGreaterThan(10);
    const names = await known();
    const unknown = expressions.flatMap(namesIn).filter((name) => !names.has(name));
    expect(unknown).toEqual([]);
    const labels = await labelsOf();
    const missing = expressions.flatMap(labelsIn).filter(([name, label]) => labels.has(name) && !labels.get(name)?.has(label));
    expect(missing).toEqual([]);
  }

  test("the dashboard asks for what there is", async () => {
    type Panel = { id: number; title: string; type: string; targets?: { expr: string }[] };
    const { panels, templating } = JSON.parse(await readFile("docs/grafana-dashboard.json", "utf8")) as {
      panels: Panel[];
      templating: { list: { query: string | { query: string } }[] };
    };
    expect(new Set(panels.map(({ id }) => id)).size).toBe(panels.length);
    for (const { title, type, targets = [] } of panels) expect(targets.length > 0, title).toBe(type !== "row");
    const asked = panels.flatMap(({ targets = [] }) => targets.map(({ expr }) => expr));
    const variables = templating.list.flatMap(({ query }) => (typeof query === "string" ? [] : [query.query]));
    await areTold([...asked, ...variables.map((query) => query.replace(", instance", ""))]);
  });

  test("the alert rules ask for what there is, and each says what it means", async () => {
    const rules = await readFile("docs/alerts.yaml", "utf8");
    // It throws if this is no YAML.
    await format(rules, { parser: "yaml" });
    const blocks = rules.split(/^ {6}- alert: /m).slice(1);
    const lines = blocks.map((block) => [...block.matchAll(/^ {8}expr: (.+)$/gm)].map(([, expression = ""]) => expression));
    for (const [index, block] of blocks.entries()) {
      expect(lines[index], block).toHaveLength(1);
      expect(block).toMatch(/^ {8}labels: \{ severity: (?:warning|critical) \}$/m);
      expect(block).toMatch(/^ {10}summary: "/m);
      expect(block).toMatch(/^ {10}description: "/m);
    }
    await areTold(lines.flat());
    const manual = await readFile("docs/operations.md", "utf8");
    for (const block of blocks) expect(manual).toContain(block.split("\n", 1)[0]);
  });

  test("the manual names every metric, and no other", async () => {
    const manual = await readFile("docs/operations.md", "utf8");
    const named = new Set([...manual.matchAll(/\btidings_\w+/g)].map(([name]) => name));
    const types = [...(await text()).matchAll(/^# TYPE (tidings_\w+) /gm)].map(([, name = ""]) => name);
    expect([...named].sort()).toEqual(types.sort());
  });
});
