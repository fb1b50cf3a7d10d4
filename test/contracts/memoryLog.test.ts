import { memoryLog } from "../support/memoryLog.ts";
import { eventStoreContract } from "./eventStore.contract.ts";

/** What stands in for a log in other tests behaves as a log does. */
eventStoreContract("memory", () => Promise.resolve(memoryLog()));
