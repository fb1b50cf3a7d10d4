import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { Unavailable } from "../../../src/ports/faults.ts";
import type { KeyStore } from "../../../src/ports/keyStore.ts";
import { mastersIn, type Masters, newMaster, rewrapped } from "../../../src/sealing/master.ts";
import { createVault, LOOK_MS, TRUST_MS, type Vault, type VaultOptions } from "../../../src/sealing/vault.ts";
import { memoryKeys } from "../../support/memoryKeys.ts";

const masters = (...texts: string[]): Masters => mastersIn(texts.join(",")) as Masters;

const ANN = { owner: "ann", month: "2026-12" };
const CHESS = { owner: "g:chess", month: "2026-12" };

let store: ReturnType<typeof memoryKeys>;
let now: number;
let isAway: boolean;
let master: string;
let vaults: Vault[];

beforeEach(() => {
  store = memoryKeys();
  now = 0;
  isAway = false;
  master = newMaster();
  vaults = [];
});
afterEach(async () => {
  for (const vault of vaults) await vault.close();
});

/** One of the nodes that share the store. */
function opened(options: Partial<VaultOptions> = {}): Vault {
  const checked: KeyStore = new Proxy(store, {
    get: (target, name: keyof KeyStore) => {
      if (isAway) throw new Unavailable("the store of keys cannot be used now");
      return target[name];
    },
  });
  const known = masters(master);
  const vault = createVault({ store: () => checked, masters: () => known, clock: () => now, ...options });
  vaults.push(vault);
  return vault;
}

const bytes = async (vault: Vault, ids: string): Promise<string | undefined> => {
  const found = (await vault.find([ids])).get(ids);
  return typeof found === "object" ? found.export().toString("hex") : found;
};

describe("a vault", () => {
  it("makes a key where a name has none, and finds the same one by its ids, on any node", async () => {
    const [one, other] = [opened(), opened()];
    await one.ready();
    const made = await one.keyFor([ANN, CHESS]);
    expect(await one.keyFor([ANN, CHESS])).toBe(made);
    expect((await other.keyFor([ANN, CHESS])).ids).toBe(made.ids);
    expect(await bytes(other, made.ids)).toBe(made.key.export().toString("hex"));
    expect((await one.keyFor([ANN])).key.equals(made.key)).toBe(false);
    expect((await one.keyFor([{ ...ANN, month: "2027-01" }, CHESS])).ids).not.toBe(made.ids);
    expect(await store.counts()).toEqual({ keys: 3, destroyed: 0 });
  });

  it("has at hand what it used, and asks the store once", async () => {
    const { ids } = await opened().keyFor([ANN]);
    const vault = opened();
    await vault.ready();
    expect(vault.atHand(ids)).toBeUndefined();
    await vault.find([ids, ids]);
    const asked = store.asked();
    expect(vault.atHand(ids)).toBeDefined();
    await vault.find([ids]);
    expect(store.asked()).toBe(asked);
  });

  it("makes one key for all who need it at the same moment", async () => {
    const vault = opened();
    const made = await Promise.all(Array.from({ length: 20 }, async () => vault.keyFor([ANN])));
    for (const each of made) expect(each).toBe(made[0]);
    expect(await store.counts()).toEqual({ keys: 1, destroyed: 0 });
  });

  it("keeps no more keys than it may", async () => {
    const vault = opened({ maxBytes: 8_000 });
    const all: string[] = [];
    for (let index = 0; index < 40; index++) all.push((await vault.keyFor([{ owner: `user${index}`, month: "2026-12" }])).ids);
    const there = all.filter((ids) => vault.atHand(ids) !== undefined);
    expect(there.length).toBeGreaterThan(0);
    expect(there.length).toBeLessThan(15);
    // What is not at hand is found nevertheless, and all of a page at once.
    const found = await vault.find(all);
    for (const ids of all) expect(typeof found.get(ids), ids).toBe("object");
  });

  it("tells what is destroyed from what is not known", async () => {
    const vault = opened();
    const { ids } = await vault.keyFor([ANN, CHESS]);
    const unknown = `${ids.slice(0, 17)}AAAAAAAAAAAAAAAA`;
    expect(await bytes(vault, unknown)).toBe("unknown");
    expect(await bytes(vault, "no ids")).toBe("unknown");
    await vault.destroy({ owner: "ann" });
    expect(await bytes(vault, ids)).toBe("destroyed");
    expect(await bytes(vault, unknown)).toBe("destroyed");
    const empty = opened({ store: () => undefined });
    expect(await bytes(empty, ids)).toBe("unknown");
    await expect(async () => empty.keyFor([ANN])).rejects.toThrow(Unavailable);
  });

  it("gives who comes back another key", async () => {
    const vault = opened();
    const before = await vault.keyFor([ANN]);
    await vault.destroy({ owner: "ann" });
    const after = await vault.keyFor([ANN]);
    expect(after.ids).not.toBe(before.ids);
    expect(after.key.equals(before.key)).toBe(false);
  });

  it("uses what was destroyed elsewhere no more after a second", async () => {
    const vault = opened();
    await vault.ready();
    const { ids } = await vault.keyFor([ANN]);
    await opened().destroy({ owner: "ann" });
    now += LOOK_MS - 1;
    await vault.ready();
    expect(vault.atHand(ids)).toBeDefined();
    now += 1;
    await vault.ready();
    expect(vault.atHand(ids)).toBeUndefined();
    expect(await bytes(vault, ids)).toBe("destroyed");
  });

  it("uses what is at hand for a while if the store is away, and then nothing", async () => {
    const vault = opened();
    await vault.ready();
    const { ids } = await vault.keyFor([ANN]);
    isAway = true;
    now += TRUST_MS - 1;
    await vault.ready();
    expect(vault.atHand(ids)).toBeDefined();
    await expect(async () => vault.keyFor([CHESS])).rejects.toThrow(Unavailable);
    now += 1;
    await expect(async () => vault.ready()).rejects.toThrow(Unavailable);
    isAway = false;
    await vault.ready();
    expect(await bytes(vault, ids)).toHaveLength(64);
  });

  it("trusts no answer to a question of long ago", async () => {
    let arrived = (): void => {};
    const slow = new Promise<void>((resolve) => (arrived = resolve));
    const late: KeyStore = { ...store, destructions: () => slow.then(() => 0) };
    const vault = opened({ store: () => late });
    const asked = (async () => vault.ready())();
    now += TRUST_MS;
    arrived();
    await expect(asked).rejects.toThrow(Unavailable);
  });

  it("does not keep what was read just before it was destroyed", async () => {
    const { ids } = await opened().keyFor([ANN]);
    let arrived = (): void => {};
    const slow = new Promise<void>((resolve) => (arrived = resolve));
    const late: KeyStore = {
      ...store,
      find: async (asked) => {
        const found = await store.find(asked);
        await slow;
        return found;
      },
    };
    const vault = opened({ store: () => late });
    await vault.ready();
    const finding = vault.find([ids]);
    await opened().destroy({ owner: "ann" });
    now += LOOK_MS;
    await vault.ready();
    arrived();
    await finding;
    expect(vault.atHand(ids)).toBeUndefined();
  });

  it("adds the keys of others where it is asked to, as long as they are there", async () => {
    const vault = opened();
    const { ids: bob } = await vault.keyFor([{ owner: "bob", month: "2025-01" }]);
    const { ids } = await vault.keyFor([ANN, CHESS], [bob]);
    expect(ids.split("~")).toHaveLength(3);
    expect(ids.endsWith(bob)).toBe(true);
    const own = (await vault.keyFor([ANN])).ids;
    expect((await vault.keyFor([ANN], [own])).ids).toBe(own);
    await vault.destroy({ owner: "bob" });
    expect(await bytes(vault, ids)).toBe("destroyed");
    await expect(async () => vault.keyFor([ANN, CHESS], [bob])).rejects.toThrow("is being forgotten");
  });

  it("takes up another master key, and says which one is missing", async () => {
    const next = newMaster();
    const { ids } = await opened().keyFor([ANN]);
    const [kept] = (await store.current([ANN])) as [Parameters<typeof rewrapped>[1]];
    await store.rewrap([rewrapped(masters(next, master), kept)]);
    const changed = opened({ masters: (anew) => (anew ? masters(next, master) : masters(master)) });
    expect(await bytes(changed, ids)).toHaveLength(64);
    await expect(async () => opened().find([ids])).rejects.toThrow("the keys of the log cannot be opened");
  });
});
