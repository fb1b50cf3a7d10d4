import { isUtf8 } from "node:buffer";
import { handleProtocols } from "graphql-ws";
import { WebSocket, WebSocketServer } from "ws";

/** Parts of one message, and pieces in which a part may come: a message of the smallest packets has fewer. */
const PARTS = 4_096;

/**
 * The protocol before ours, of the package subscriptions-transport-ws. Its clients are let in only to be told that it is not
 * spoken: of a handshake that fails a browser learns no reason.
 */
const FORMER_PROTOCOL = "graphql-ws";

/**
 * Takes connections over as WebSockets that say why they end, also where what a client sent is not the protocol. `maxBytes`:
 * of a message.
 */
export function webSocketServer(maxBytes: number, reasons: Readonly<Record<number, string>>) {
  /** `ws` closes by itself with a bare code. */
  class Explained extends WebSocket {
    override close(code?: number, data?: string | Buffer): void {
      super.close(code, data ?? (code === undefined ? undefined : reasons[code]));
    }
  }
  return new WebSocketServer({
    noServer: true,
    clientTracking: false,
    perMessageDeflate: false,
    // Answered where it is seen whether the answers are read.
    autoPong: false,
    maxPayload: maxBytes,
    maxFragments: PARTS,
    maxBufferedChunks: PARTS,
    handleProtocols: (offered) => handleProtocols(offered) || (offered.has(FORMER_PROTOCOL) && FORMER_PROTOCOL),
    WebSocket: Explained,
  });
}

/** A message's text; undefined where it is none: `ws` looks only at those that say that they are text. */
export const textOf = (data: Buffer, isBinary: boolean): string | undefined =>
  isBinary && !isUtf8(data) ? undefined : data.toString();
