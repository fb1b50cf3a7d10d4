import type { IncomingMessage } from "node:http";
import { isIP } from "node:net";
import proxyAddr from "@fastify/proxy-addr";
import { ownText } from "./bytes.ts";

/** Where a client is. */
export type ClientAddress = {
  address: string;
  /** It is on this very machine, with no proxy between: the operator, who is not held to the rate of an address. */
  isLocal: boolean;
};

/** Proxies whose word on where a client is counts. */
export type Proxies = {
  /** Whether a peer is one of them. */
  isTrusted(address: string): boolean;
  /**
   * Where the client of a request is: its peer, or, where that is a trusted proxy, whom it forwards for. `X-Forwarded-For` is
   * read from its right end, where the nearest proxy writes, up to the first address that is no trusted proxy's: what stands
   * left of it anybody may have written.
   */
  clientOf(request: IncomingMessage): ClientAddress;
};

/** What the settings call ranges of addresses that are no one's on the internet. */
const NAMES: ReadonlySet<string> = new Set(["loopback", "linklocal", "uniquelocal"]);

/** Whether a text names proxies: an address, a range such as `10.0.0.0/8`, or one of the names. */
export function isProxyRange(text: string): boolean {
  if (NAMES.has(text)) return true;
  // What is below takes `1` for 0.0.0.1.
  if (isIP(text.split("/", 1)[0] ?? "") === 0) return false;
  try {
    proxyAddr.compile(text);
    return true;
  } catch {
    return false;
  }
}

/** `ranges`: each as `isProxyRange` has it; none: no peer is a proxy. */
export function trustedProxies(ranges: readonly string[]): Proxies {
  if (ranges.length === 0) return { isTrusted: () => false, clientOf: peerOf };
  const trusts = proxyAddr.compile([...ranges]);
  // A proxy may write the port, too.
  const isTrusted = (address: string): boolean => trusts(bare(address) ?? "", 0);
  return {
    isTrusted,
    clientOf(request) {
      const peer = peerOf(request);
      if (request.headers["x-forwarded-for"] === undefined || !isTrusted(peer.address)) return peer;
      const found = bare(proxyAddr(request, isTrusted));
      // Where it says nothing that is an address, all that it forwards so is one client's.
      return { address: found === undefined ? peer.address : ownText(found), isLocal: false };
    },
  };
}

function peerOf({ socket }: IncomingMessage): ClientAddress {
  const address = socket.remoteAddress ?? "";
  return { address, isLocal: isLoopback(address) };
}

const isLoopback = (address: string): boolean => /^(::ffff:)?127\.|^::1$|^$/.test(address);

/** An address without its port: `192.0.2.1:80`, `[2001:db8::1]:80`. Undefined where it is none. */
function bare(text: string): string | undefined {
  const [, v6, v4] = /^(?:\[([^\]]*)\](?::\d+)?|([\d.]+):\d+)$/.exec(text) ?? [];
  const address = v6 ?? v4 ?? text;
  return isIP(address) === 0 ? undefined : address;
}
