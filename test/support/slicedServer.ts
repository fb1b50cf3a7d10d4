import { onTestFinished } from "vitest";
import { type SharingServer, sharingServer, type SharingServerOptions } from "./sharingServer.ts";

/** A server that shares views. It runs until the test is over, or `stop` is called. */
export function slicedServer(options: SharingServerOptions): SharingServer {
  const server = sharingServer(options);
  onTestFinished(server.stop);
  return server;
}

export type SlicedServer = SharingServer;
