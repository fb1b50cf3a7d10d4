import type { IncomingMessage } from "node:http";
import { isIP } from "node:net";
import proxyAddr from "@fastify/proxy-addr";
import { ownText } from "./bytes.ts";

/** The place of a client. */
export type ClientAddress = {
  address: string;
  /** The client is on this machine, with no proxy between: the operator. The rate limit of an address does not apply. */
  isLocal: boolean;
  /** Where the client reaches this server: `https://chat.example.org`. Undefined if the request does not say. */
  origin?: string | undefined;
};

/** Proxies that are trusted to say where a client is. */
export type Proxies = {
  /** Whether a peer is one of these proxies. */
  isTrusted(address: string): boolean;
  /**
   * The place of a request's client: its peer or, if the peer is a trusted proxy, the address that the proxy forwards for.
   * `X-Forwarded-For` is read from the right, where the nearest proxy writes, up to the first address that is not a trusted
   * proxy's. Anybody may have written what is left of it.
   */
  clientOf(request: IncomingMessage): ClientAddress;
};

/** The settings' names for ranges of addresses that nobody has on the internet. */
const NAMES: ReadonlySet<string> = new Set(["loopback", "linklocal", "uniquelocal"]);

/** Whether a text names proxies: an address, a range such as `10.0.0.0/8`, or one of these names. */
export function isProxyRange(text: string): boolean {
  if (NAMES.has(text)) return true;
  // `proxyAddr` would read `1` as 0.0.0.1.
  if (isIP(text.split("/", 1)[0] ?? "") === 0) return false;
  try {
    proxyAddr.compile(text);
    return true;
  } catch {
    return false;
  }
}

/** `ranges`: texts that `isProxyRange` accepts. With none, no peer counts as a proxy. */
export function trustedProxies(ranges: readonly string[]): Proxies {
  if (ranges.length === 0) return { isTrusted: () => false, clientOf: (request) => peerOf(request, false) };
  const trusts = proxyAddr.compile([...ranges]);
  // A proxy may add the port.
  const isTrusted = (address: string): boolean => trusts(bare(address) ?? "", 0);
  return {
    isTrusted,
    clientOf(request) {
      const peer = peerOf(request, isTrusted(request.socket.remoteAddress ?? ""));
      if (request.headers["x-forwarded-for"] === undefined || !isTrusted(peer.address)) return peer;
      const found = bare(proxyAddr(request, isTrusted));
      // If the header holds no valid address, all such requests of the proxy count as one client's.
      return { address: found === undefined ? peer.address : ownText(found), isLocal: false, origin: peer.origin };
    },
  };
}

function peerOf({ socket, headers }: IncomingMessage, isProxy: boolean): ClientAddress {
  const address = socket.remoteAddress ?? "";
  return { address, isLocal: isLoopback(address), origin: originOf(headers, isProxy) };
}

const HOST = /^(?:[a-z0-9](?:[a-z0-9.-]{0,252})|\[[0-9a-f:.]{2,45}\])(?::[0-9]{1,5})?$/i;

/**
 * The name that the client called, which a proxy passes on or names, and how: a proxy's client may use TLS where the proxy does
 * not.
 */
function originOf({ host, ...headers }: IncomingMessage["headers"], isProxy: boolean): string | undefined {
  const forwarded = (name: string): string | undefined => (isProxy ? firstOf(headers[name]) : undefined);
  const name = forwarded("x-forwarded-host") ?? host ?? "";
  const scheme = forwarded("x-forwarded-proto") === "https" ? "https" : "http";
  return HOST.test(name) ? ownText(`${scheme}://${name}`) : undefined;
}

const firstOf = (header: string | string[] | undefined): string | undefined => header?.toString().split(",", 1)[0]?.trim();

const isLoopback = (address: string): boolean => /^(::ffff:)?127\.|^::1$|^$/.test(address);

/** An address without its port (`192.0.2.1:80`, `[2001:db8::1]:80`). Undefined if the text is not an address. */
function bare(text: string): string | undefined {
  const [, v6, v4] = /^(?:\[([^\]]*)\](?::\d+)?|([\d.]+):\d+)$/.exec(text) ?? [];
  const address = v6 ?? v4 ?? text;
  return isIP(address) === 0 ? undefined : address;
}
