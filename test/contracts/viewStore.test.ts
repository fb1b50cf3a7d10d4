import { levelViewStore, sharedLevelViewStore } from "../../src/adapters/viewStore/level/levelViewStore.ts";
import type { Open } from "../../src/ports/awaitable.ts";
import type { ViewStore } from "../../src/ports/viewStore.ts";
import { tempDir } from "../support/tempDir.ts";
import { viewStoreContract } from "./viewStore.contract.ts";

const viewStores: Record<string, () => Promise<Open<ViewStore>>> = {
  level: async () => {
    const folder = await tempDir();
    const store = await levelViewStore(folder.path);
    const close = async (): Promise<void> => {
      await store.close();
      await folder.remove();
    };
    return { ...store, close };
  },
  "level, a share of another thread's": async () => {
    const folder = await tempDir();
    const owner = await levelViewStore(folder.path);
    const store = await sharedLevelViewStore(owner.share());
    const close = async (): Promise<void> => {
      await store.close();
      await owner.close();
      await folder.remove();
    };
    return { ...store, close };
  },
};

for (const [name, open] of Object.entries(viewStores)) viewStoreContract(name, open);
