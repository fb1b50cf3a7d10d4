import { isUtf8 } from "node:buffer";
import { handleProtocols } from "graphql-ws";
import { WebSocket, WebSocketServer } from "ws";

/** The most fragments of one message, and the most chunks of one fragment. Even a message in the smallest packets has fewer. */
const PARTS = 4_096;

/**
 * The older protocol, of the package subscriptions-transport-ws. Its clients are accepted only to get a close frame with the
 * reason: a browser shows no reason for a failed handshake.
 */
const FORMER_PROTOCOL = "graphql-ws";

/**
 * A server that takes connections over as WebSockets. They say why they end, even after bytes that are not the protocol.
 * `maxBytes` limits one message.
 */
export function webSocketServer(maxBytes: number, reasons: Readonly<Record<number, string>>) {
  /** `ws` itself closes with a code only. */
  class Explained extends WebSocket {
    override close(code?: number, data?: string | Buffer): void {
      super.close(code, data ?? (code === undefined ? undefined : reasons[code]));
    }
  }
  return new WebSocketServer({
    noServer: true,
    clientTracking: false,
    perMessageDeflate: false,
    // Pings are answered in `socketConnections`, which sees whether the client reads the answers.
    autoPong: false,
    maxPayload: maxBytes,
    maxFragments: PARTS,
    maxBufferedChunks: PARTS,
    handleProtocols: (offered) => handleProtocols(offered) || (offered.has(FORMER_PROTOCOL) && FORMER_PROTOCOL),
    WebSocket: Explained,
  });
}

/** A message's text, or undefined if it is not UTF-8. `ws` checks only messages that are marked as text. */
export const textOf = (data: Buffer, isBinary: boolean): string | undefined =>
  isBinary && !isUtf8(data) ? undefined : data.toString();
