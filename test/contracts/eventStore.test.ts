import { eventStoreDb } from "../../src/adapters/eventStore/eventstoredb/eventStoreDb.ts";
import { readAhead, startReadAhead } from "../../src/adapters/eventStore/sqlite/readAhead.ts";
import { sqliteEventStore } from "../../src/adapters/eventStore/sqlite/sqliteEventStore.ts";
import type { Open } from "../../src/ports/awaitable.ts";
import type { EventStore } from "../../src/ports/eventStore.ts";
import { memoryLog } from "../support/memoryLog.ts";
import { realEventStore } from "../support/realEventStore.ts";
import { tempDir } from "../support/tempDir.ts";
import { unexpected } from "../support/unexpected.ts";
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
  "sqlite, read a page ahead": async () => {
    const folder = await tempDir();
    const store = await sqliteEventStore(folder.path);
    const reader = readAhead(folder.path, startReadAhead(folder.path, unexpected).port);
    const close = async (): Promise<void> => {
      await reader.close();
      await store.close();
      await folder.remove();
    };
    return { ...reader, append: store.append, close };
  },
  // The stand-in of other tests, so that they rest on what a log really does.
  "memory, for tests": async () => memoryLog(),
};

const real = realEventStore("the event store contract");
if (real) eventStores["EventStoreDB"] = () => eventStoreDb(real.url, { prefix: real.newPrefix() });

for (const [name, open] of Object.entries(eventStores)) eventStoreContract(name, open);
