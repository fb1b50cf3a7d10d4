import { sqliteEventStore } from "../../src/adapters/eventStore/sqlite/sqliteEventStore.ts";
import type { Open } from "../../src/ports/awaitable.ts";
import type { EventStore } from "../../src/ports/eventStore.ts";
import { memoryLog } from "../support/memoryLog.ts";
import { tempDir } from "../support/tempDir.ts";
import { eventStoreContract } from "./eventStore.contract.ts";

const eventStores: Record<string, () => Promise<Open<EventStore>>> = {
  sqlite: async () => {
    const folder = await tempDir();
    const store = await sqliteEventStore(folder.path);
    const close = async (): Promise<void> => {
      await store.close();
      await folder.remove();
    };
    return { ...store, close };
  },
  // The stand-in of other tests, so that they rest on what a log really does.
  "memory, for tests": async () => memoryLog(),
};

for (const [name, open] of Object.entries(eventStores)) eventStoreContract(name, open);
