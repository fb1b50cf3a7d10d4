import type { AddressInfo } from "node:net";
import fastify from "fastify";
import { FOLDER_PATH } from "../../src/adapters/files/folder/folder.ts";
import type { FolderDoor } from "../../src/ports/files.ts";
import { addFiles } from "../../src/transport/files.ts";

/** The addresses of a folder, and nothing else. */
export async function fileServer(door: FolderDoor): Promise<{ origin: string; close(): Promise<void> }> {
  const app = fastify();
  await addFiles(app, {
    door,
    path: FOLDER_PATH,
    connections: { of: () => undefined },
    config: { production: false, origins: [], keepAliveMs: 30_000 },
  });
  await app.listen({ host: "127.0.0.1", port: 0 });
  return { origin: `http://127.0.0.1:${(app.server.address() as AddressInfo).port}`, close: () => app.close() };
}
