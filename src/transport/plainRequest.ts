import type { IncomingMessage, Server } from "node:http";
import type { Socket } from "node:net";

/** Whether a request begins a WebSocket; whatever else an `Upgrade` header names is not spoken here. */
export const isHandshake = ({ method, headers }: IncomingMessage): boolean =>
  method === "GET" && headers.upgrade?.toLowerCase() === "websocket";

/**
 * Answers a request as if it had no `Upgrade` header (RFC 9110, 7.8). Node hands it over as soon as its head is read, and
 * reads on no more; so the head goes back before what follows it, without what asks for the upgrade, and the server takes the
 * connection as a new one: body, keep-alive and requests that are sent ahead are the parser's as ever.
 * (`shouldUpgradeCallback` of newer Nodes forgets the requests that were sent ahead.)
 */
export function answerPlainly(server: Server, request: IncomingMessage, raw: Socket, head: Buffer): void {
  if (raw.destroyed || !raw.writable) return void raw.destroy();
  raw.setTimeout(0);
  raw.unshift(Buffer.concat([Buffer.from(plainHead(request), "latin1"), head]));
  server.emit("connection", raw);
}

/** Its names and values are as they were read, which is without line breaks, one byte a character. */
function plainHead({ method, url, httpVersion, rawHeaders }: IncomingMessage): string {
  const lines = [`${method} ${url} HTTP/${httpVersion}`];
  for (let index = 0; index < rawHeaders.length; index += 2) {
    const name = rawHeaders[index] ?? "";
    const value = rawHeaders[index + 1] ?? "";
    if (OF_THE_UPGRADE.test(name)) continue;
    lines.push(`${name}: ${name.toLowerCase() === "connection" ? withoutUpgrade(value) : value}`);
  }
  return `${lines.join("\r\n")}\r\n\r\n`;
}

const OF_THE_UPGRADE = /^(upgrade|http2-settings)$/i;

const withoutUpgrade = (value: string): string =>
  value
    .split(",")
    .map((option) => option.trim())
    .filter((option) => !OF_THE_UPGRADE.test(option))
    .join(", ");
