import { randomBytes } from "node:crypto";
import { afterEach, describe, expect, it } from "vitest";
import type { Awaitable, Open } from "../../src/ports/awaitable.ts";
import type { KeptKey, KeyName, KeyStore } from "../../src/ports/keyStore.ts";

/** Opens a store as often as it is asked: each time the same one. */
export type OpensKeys = () => Awaitable<{ open(): Open<KeyStore>; remove(): Promise<void> }>;

const key = (owner: string, month: string, master = "one"): KeptKey => ({
  id: randomBytes(12).toString("base64url"),
  owner,
  month,
  master,
  wrapped: randomBytes(60).toString("base64url"),
});
const bare = ({ id, owner, month }: KeptKey) => ({ id, owner, month });
const sorted = <T extends { id: string }>(keys: readonly T[]): T[] => [...keys].sort((a, b) => (a.id < b.id ? -1 : 1));

/** What every store of keys does. */
export function keyStoreContract(name: string, begin: OpensKeys): void {
  let closing: (() => Promise<unknown>)[] = [];
  afterEach(async () => {
    for (const close of closing.reverse()) await close();
    closing = [];
  });
  const opened = async (): Promise<{ store: KeyStore; another(): KeyStore }> => {
    const { open, remove } = await begin();
    closing.push(remove);
    const another = (): KeyStore => {
      const store = open();
      closing.push(() => store.close());
      return store;
    };
    return { store: another(), another };
  };

  describe(`keys in ${name}`, () => {
    it("are none at first", async () => {
      const { store } = await opened();
      expect(await store.find(["AAAAAAAAAAAAAAAA"])).toEqual([]);
      expect(await store.current([{ owner: "ann", month: "2026-12" }])).toEqual([]);
      expect(await store.destructions()).toBe(0);
      expect(await store.counts()).toEqual({ keys: 0, destroyed: 0 });
      expect(await store.notWrappedBy("one", 10)).toEqual([]);
      expect(await store.destroy({ owner: "ann" })).toBe(0);
    });

    it("are found by their ids and by their names, also by another one who asks", async () => {
      const { store, another } = await opened();
      const [ann, bob, group] = [key("ann", "2026-12"), key("bob", "2026-12"), key("g:chess/profile", "-")];
      expect(sorted(await store.add([ann, bob, group]))).toEqual(sorted([ann, bob, group]));
      const other = another();
      expect(sorted(await other.find([group.id, "AAAAAAAAAAAAAAAA", ann.id]))).toEqual(sorted([ann, group]));
      const names: KeyName[] = [bob, { owner: "bob", month: "2026-11" }, { owner: "bo", month: "2026-12" }];
      expect(await other.current(names)).toEqual([bob]);
      expect(await store.counts()).toEqual({ keys: 3, destroyed: 0 });
    });

    it("have names: the first of a name stays, whoever adds another at the same moment", async () => {
      const { store, another } = await opened();
      const first = key("ann", "2026-12");
      await store.add([first]);
      expect(await store.add([key("ann", "2026-12")])).toEqual([first]);
      const other = another();
      const tries = Array.from({ length: 20 }, () => [key("bob", "2026-12"), key("carol", "2026-12")]);
      const all = await Promise.all(tries.map((keys, index) => (index % 2 === 0 ? store : other).add(keys)));
      for (const one of all) expect(sorted(one)).toEqual(sorted(all[0] ?? []));
      expect(await store.counts()).toEqual({ keys: 3, destroyed: 0 });
    });

    it("are destroyed by owner and month: known as destroyed, and never there again", async () => {
      const { store, another } = await opened();
      const months = ["2026-11", "2026-12"].map((month) => key("ann", month));
      const others = [key("ann.b", "2026-12"), key("an", "2026-12"), key("ann/profile", "-"), key("anna", "2026-12")];
      await store.add([...months, ...others]);
      const [november, december] = months as [KeptKey, KeptKey];
      expect(await store.destroy({ owner: "ann", month: "2026-11" })).toBe(1);
      expect(sorted(await store.find(months.map(({ id }) => id)))).toEqual(sorted([bare(november), december]));
      expect(await store.destroy({ owner: "ann" })).toBe(1);
      expect(await store.destroy({ owner: "ann" })).toBe(0);
      expect(await another().find([december.id])).toEqual([bare(december)]);
      expect(await store.current(months)).toEqual([]);
      expect(sorted(await store.current(others))).toEqual(sorted(others));
      const again = key("ann", "2026-12");
      expect(await store.add([again])).toEqual([again]);
      expect(sorted(await store.find([december.id, again.id]))).toEqual(sorted([bare(december), again]));
      expect(await store.counts()).toEqual({ keys: 5, destroyed: 2 });
    });

    it("tells all that keys were destroyed", async () => {
      const { store, another } = await opened();
      const other = another();
      await store.add([key("ann", "2026-12")]);
      const before = await other.destructions();
      expect(await other.destructions()).toBe(before);
      await store.destroy({ owner: "ann" });
      expect(await other.destructions()).not.toBe(before);
    });

    it("are wrapped anew, and those that were destroyed meanwhile are not", async () => {
      const { store } = await opened();
      const all = Array.from({ length: 5 }, (_, index) => key(`user${index}`, "2026-12", index < 4 ? "one" : "two"));
      await store.add(all);
      const found = await store.notWrappedBy("two", 3);
      expect(found).toHaveLength(3);
      const [gone] = found as [KeptKey];
      await store.destroy({ owner: gone.owner });
      await store.rewrap(found.map(({ id }) => ({ id, master: "two", wrapped: `anew ${id}` })));
      expect(await store.find([gone.id])).toEqual([bare(gone)]);
      expect(await store.notWrappedBy("two", 10)).toHaveLength(1);
      const [one] = await store.find([found[1]?.id ?? ""]);
      expect(one).toMatchObject({ master: "two", wrapped: `anew ${one?.id}` });
    });
  });
}
