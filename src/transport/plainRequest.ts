import type { IncomingMessage, Server } from "node:http";
import type { Socket } from "node:net";

/** Whether a request opens a WebSocket. Nothing else that an `Upgrade` header can name is supported. */
export const isHandshake = ({ method, headers }: IncomingMessage): boolean =>
  method === "GET" && headers.upgrade?.toLowerCase() === "websocket";

/**
 * Answers a request as if it had no `Upgrade` header (RFC 9110, 7.8).
 *
 * Node hands such a request over as soon as its head is read, and stops reading. So this puts the head, without its upgrade
 * headers, back in front of the bytes that follow. Then the server takes the connection as a new one, and its parser handles
 * the body, keep-alive and pipelined requests as usual. (`shouldUpgradeCallback` of newer Node versions loses pipelined
 * requests.)
 */
export function answerPlainly(server: Server, request: IncomingMessage, raw: Socket, head: Buffer): void {
  if (raw.destroyed || !raw.writable) return void raw.destroy();
  raw.setTimeout(0);
  raw.unshift(Buffer.concat([Buffer.from(plainHead(request), "latin1"), head]));
  server.emit("connection", raw);
}

/** Names and values are as Node read them: without line breaks, one byte for each character. */
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
