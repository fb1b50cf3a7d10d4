import { request as http } from "node:http";
import { request as https } from "node:https";
import type { LogStatus } from "../../../ports/eventStore.ts";
import { type Address, placeName } from "./connection.ts";

/** Of `GET /gossip`: https://docs.kurrent.io/server/v24.10/operations/diagnostics */
type Member = {
  state: string;
  isAlive: boolean;
  httpEndPointIp: string;
  httpEndPointPort: number;
  writerCheckpoint?: number;
  esVersion?: string;
};

/** What EventStoreDB says of itself: asked of each node given until one answers. Never rejects. */
export async function statusOf(address: Address, timeoutMs: number): Promise<LogStatus> {
  let fault = "";
  for (const node of address.nodes) {
    try {
      const { members } = (await ask(address, node, "/gossip", timeoutMs)) as { members: Member[] };
      const version = await versionOf(address, node, timeoutMs);
      return { ...described(members), ...(version === undefined ? {} : { version }) };
    } catch (error) {
      fault = (error as Error).message;
    }
  }
  return { kind: "eventstoredb", reachable: false, detail: `EventStoreDB at ${placeName(address)} does not answer: ${fault}` };
}

function described(members: readonly Member[]): LogStatus {
  const alive = members.filter(({ isAlive }) => isAlive);
  const leader = alive.find(({ state }) => state === "Leader");
  const nodes = members.length > 1 ? `${alive.length} of ${members.length} nodes alive` : undefined;
  if (!leader) {
    const states = members.map(({ state, isAlive }) => (isAlive ? state : "dead")).join(", ");
    return { kind: "eventstoredb", reachable: false, detail: `EventStoreDB has no leader now (${states})` };
  }
  return {
    kind: "eventstoredb",
    reachable: true,
    leader: `${leader.httpEndPointIp}:${leader.httpEndPointPort}`,
    ...(nodes === undefined ? {} : { detail: nodes }),
    ...(leader.writerCheckpoint === undefined ? {} : { bytes: leader.writerCheckpoint }),
  };
}

/** Not worth calling the log unreachable for. */
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
