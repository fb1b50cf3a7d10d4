import { request as https } from "node:https";
import type { LogStatus } from "../../../ports/eventStore.ts";
import { request as http } from "../../../ports/nodeHttp.ts";
import { type Address, placeName } from "./connection.ts";

/** A member in the answer of `GET /gossip`: https://docs.kurrent.io/server/v24.10/operations/diagnostics */
type Member = {
  state: string;
  isAlive: boolean;
  httpEndPointIp: string;
  httpEndPointPort: number;
  esVersion?: string;
};

/**
 * What EventStoreDB says about itself. All given nodes are asked at once, and the first answer that knows a leader counts. Never
 * rejects.
 */
export async function statusOf(address: Address, timeoutMs: number): Promise<LogStatus> {
  const asked = address.nodes.map(async (node) => {
    const [{ members }, version] = await Promise.all([
      ask(address, node, "/gossip", timeoutMs) as Promise<{ members: Member[] }>,
      versionOf(address, node, timeoutMs),
    ]);
    const status = described(members);
    if (!status.reachable) throw new Error(status.detail);
    return { ...status, ...(version === undefined ? {} : { version }) };
  });
  try {
    return await Promise.any(asked);
  } catch (error) {
    const why = (error as AggregateError).errors.map((each: Error) => each.message).join("; ");
    return { kind: "eventstoredb", reachable: false, detail: `EventStoreDB at ${placeName(address)} cannot be used now: ${why}` };
  }
}

function described(members: readonly Member[]): LogStatus {
  const alive = members.filter(({ isAlive }) => isAlive);
  const leader = alive.find(({ state }) => state === "Leader");
  const nodes = members.length > 1 ? `${alive.length} of ${members.length} nodes alive` : undefined;
  if (!leader) {
    const states = members.map(({ state, isAlive }) => (isAlive ? state : "dead")).join(", ");
    return { kind: "eventstoredb", reachable: false, detail: `there is no leader now (${states})` };
  }
  return {
    kind: "eventstoredb",
    reachable: true,
    leader: `${leader.httpEndPointIp}:${leader.httpEndPointPort}`,
    ...(nodes === undefined ? {} : { detail: nodes }),
  };
}

/** If the version is unknown, the log still counts as reachable. */
async function versionOf(address: Address, node: string, timeoutMs: number): Promise<string | undefined> {
  try {
    const info = (await ask(address, node, "/info", timeoutMs)) as { esVersion?: string; dbVersion?: string };
    return info.esVersion ?? info.dbVersion;
  } catch {
    return undefined;
  }
}

function ask({ tls, ca, credentials }: Address, node: string, path: string, timeoutMs: number): Promise<unknown> {
  return new Promise((resolve, reject) => {
    const options = {
      headers: { accept: "application/json" },
      signal: AbortSignal.timeout(timeoutMs),
      ...(tls && credentials ? { auth: `${credentials.username}:${credentials.password}` } : {}),
      ...(ca ? { ca } : {}),
    };
    const asking = (tls ? https : http)(`${tls ? "https" : "http"}://${node}${path}`, options, (answer) => {
      let body = "";
      answer.setEncoding("utf8");
      answer.on("data", (text: string) => (body += text));
      answer.on("error", reject);
      answer.on("end", () => {
        if (answer.statusCode !== 200) return reject(new Error(`${path} answered ${answer.statusCode}`));
        try {
          resolve(JSON.parse(body));
        } catch (error) {
          reject(error);
        }
      });
    });
    asking.on("error", reject);
    asking.end();
  });
}
