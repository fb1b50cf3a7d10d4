import { readFileSync } from "node:fs";
import { EventStoreDBClient } from "@eventstore/db-client";

/** What an `EVENTSTORE_URL` says, apart from what the client reads of it by itself. */
export type Address = {
  url: string;
  /** `host:port`, as given: nodes, or one DNS name of all of them. */
  nodes: string[];
  tls: boolean;
  ca: Buffer | undefined;
  credentials: { username: string; password: string } | undefined;
};

const URL_SHAPE = /^esdb(?:\+discover)?:\/\/(?:([^:@/]+):([^@/]+)@)?([^/?@]+)\/?(?:\?(.*))?$/;

/** The options that the client knows, without regard to case and hyphens, as it does. */
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
 * Reads a connection string (`esdb://` or `esdb+discover://`). Throws an `Error` that says what is wrong with it, and never what password it
 * holds.
 */
export function addressOf(url: string): Address {
  const match = URL_SHAPE.exec(url.trim());
  if (!match?.[3])
    throw new Error("it is an address such as esdb://host:2113?tls=false or esdb+discover://user:password@host:2113");
  const [, username, password, hosts, query] = match;
  const options = new URLSearchParams(query ?? "");
  const option = (name: string) => [...options].find(([key]) => key.toLowerCase() === name.toLowerCase())?.[1];
  // The client would only warn of them, on the console and with the whole address, its password too.
  for (const key of options.keys()) {
    if (!OPTIONS.has(key.toLowerCase().replaceAll(/[_-]/g, ""))) throw new Error(`it has the unknown option ${key}`);
  }
  if (option("tlsVerifyCert") === "false")
    throw new Error("tlsVerifyCert=false is not supported: give the CA's file by tlsCAFile");
  const tls = option("tls") !== "false";
  const caFile = option("tlsCAFile");
  try {
    // It reads the whole string, and nothing is connected to yet.
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

/** `leader` where what is asked must be the newest, "as given" where a node that lags a little serves as well. */
export type Preference = "leader" | "as given";

/**
 * A client of its own channel. What one does wrong must not reach the other: the client closes its channel on the first call that fails, and ends
 * what is under way on it.
 */
export function clientOf({ url, nodes }: Address, preference: Preference, name: string): EventStoreDBClient {
  const [given = url, query = ""] = url.split("?", 2);
  // Of several addresses the client would ask the first one alone where they are to be discovered, and each in turn where they are not.
  const base = nodes.length > 1 ? given.replace(/^esdb\+discover:/, "esdb:") : given;
  const options = query.split("&").filter((option) => option !== "" && !/^(connectionName|throwOnAppendFailure)=/i.test(option));
  const kept = preference === "leader" ? options.filter((option) => !/^node[-_]?preference=/i.test(option)) : options;
  return EventStoreDBClient.connectionString(`${base.replace(/\/+$/, "")}?${[...kept, `connectionName=${name}`].join("&")}`);
}

/** How long a client is waited for that ends its calls: milliseconds. */
const DISPOSE_MS = 500;

/** Ends what is under way on a client. Its own `dispose` waits for ever for a subscription whose reader had held it back. */
export async function disposeOf(client: EventStoreDBClient): Promise<void> {
  let late: NodeJS.Timeout | undefined;
  const enough = new Promise<void>((resolve) => (late = setTimeout(resolve, DISPOSE_MS)));
  await Promise.race([client.dispose().catch(() => {}), enough]);
  clearTimeout(late);
}

/** `host:port, …`, for sentences. */
export const placeName = ({ nodes }: Address): string => nodes.join(", ");
