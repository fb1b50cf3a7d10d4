import { memoryViews } from "../support/memoryViews.ts";
import { viewStoreContract } from "./viewStore.contract.ts";

/** What stands in for a view store in other tests behaves as a view store does. */
viewStoreContract("memory", () => Promise.resolve(memoryViews()));
viewStoreContract("memory, single rows at once", () => Promise.resolve(memoryViews({ atOnce: true })));
