import { readFileSync } from "node:fs";
import { EventStoreDBClient } from "@eventstore/db-client";

/** The content of an `EVENTSTORE_URL`, except for what the client reads from it by itself. */
export type Address = {
  url: string;
  /** `host:port`, as given: the nodes, or one DNS name for all of them. */
  nodes: string[];
  tls: boolean;
  ca: Buffer | undefined;
  credentials: { username: string; password: string } | undefined;
};

const URL_SHAPE = /^esdb(?:\+discover)?:\/\/(?:([^:@/]+):([^@/]+)@)?([^/?@]+)\/?(?:\?(.*))?$/;

/** The options that the client knows. Like the client, this ignores case and hyphens. */
const OPTIONS: ReadonlySet<string> = new Set([
  "tls",
  "tlsverifycert",
  "tlscafile",
  "usercertfile",
  "userkeyfile",
  "nodepreference",
  "maxdiscoverattempts",
  "discoveryinterval",
  "gossiptimeout",
  "keepaliveinterval",
  "keepalivetimeout",
  "defaultdeadline",
  "connectionname",
  "throwonappendfailure",
]);

/**
 * Parses a connection string (`esdb://` or `esdb+discover://`). Throws an `Error` that says what is wrong with it. The error
 * never contains the password.
 */
export function addressOf(url: string): Address {
  const match = URL_SHAPE.exec(url.trim());
  if (!match?.[3])
    throw new Error("it is an address such as esdb://host:2113?tls=false or esdb+discover://user:password@host:2113");
  const [, username, password, hosts, query] = match;
  const options = new URLSearchParams(query ?? "");
  const option = (name: string) => [...options].find(([key]) => key.toLowerCase() === name.toLowerCase())?.[1];
  // The client would only print a warning, with the whole address and its password.
  for (const key of options.keys()) {
    if (!OPTIONS.has(key.toLowerCase().replaceAll(/[_-]/g, ""))) throw new Error(`it has the unknown option ${key}`);
  }
  if (option("tlsVerifyCert") === "false")
    throw new Error("tlsVerifyCert=false is not supported: give the CA's file by tlsCAFile");
  const tls = option("tls") !== "false";
  const caFile = option("tlsCAFile");
  try {
    // This parses the whole string, but does not connect yet.
    EventStoreDBClient.connectionString(url.trim());
    return {
      url: url.trim(),
      nodes: hosts.split(",").map((node) => (node.includes(":") ? node : `${node}:2113`)),
      tls,
      ca: tls && caFile !== undefined ? readFileSync(caFile) : undefined,
      credentials:
        username && password ? { username: decodeURIComponent(username), password: decodeURIComponent(password) } : undefined,
    };
  } catch (error) {
    const why = (error as Error).message;
    throw new Error(password ? why.replaceAll(password, "…") : why, { cause: undefined });
  }
}

/** `leader`: the answer must be the newest. "as given": a node that lags a little will do. */
export type Preference = "leader" | "as given";

/**
 * A client with its own channel. A fault of one client must not reach another: a client closes its channel on the first failed
 * call, and ends all other calls on it.
 */
export function clientOf({ url, nodes }: Address, preference: Preference, name: string): EventStoreDBClient {
  const [given = url, query = ""] = url.split("?", 2);
  // Of several addresses that are to be discovered, the client would ask only the first. Without discovery, it asks each in turn.
  const base = nodes.length > 1 ? given.replace(/^esdb\+discover:/, "esdb:") : given;
  const options = query.split("&").filter((option) => option !== "" && !/^(connectionName|throwOnAppendFailure)=/i.test(option));
  const kept = preference === "leader" ? options.filter((option) => !/^node[-_]?preference=/i.test(option)) : options;
  return EventStoreDBClient.connectionString(`${base.replace(/\/+$/, "")}?${[...kept, `connectionName=${name}`].join("&")}`);
}

/** How long to wait for a client to end its calls, in milliseconds. */
const DISPOSE_MS = 500;

/** Ends all calls of a client. The client's own `dispose` would wait for ever for a subscription that its reader had paused. */
export async function disposeOf(client: EventStoreDBClient): Promise<void> {
  let late: NodeJS.Timeout | undefined;
  const enough = new Promise<void>((resolve) => (late = setTimeout(resolve, DISPOSE_MS)));
  await Promise.race([client.dispose().catch(() => {}), enough]);
  clearTimeout(late);
}

/** The nodes for sentences: `host:port, …`. */
export const placeName = ({ nodes }: Address): string => nodes.join(", ");
