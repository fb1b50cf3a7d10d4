import { randomBytes } from "node:crypto";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { mastersIn, newKey, newMaster, rewrapped, unwrap } from "../../../src/sealing/master.ts";
import { areIds, contentKey, idsOf, joinedIds, opened, seal } from "../../../src/sealing/sealed.ts";
import { runs, seed } from "../../support/property.ts";

const id = (): string => randomBytes(12).toString("base64url");
const place = { id: "6f0e8a52-3c1d-4b7a-9e64-d25b8f1c7a30", type: "MessageSent", stream: "conversation-d:ann~bob" };
const key = contentKey([randomBytes(32), randomBytes(32)]);

describe("what is sealed", () => {
  it("is opened as it was, whatever it is", () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.jsonValue()), fc.string({ unit: "binary" }), (members, text) => {
        const part = JSON.parse(JSON.stringify({ ...members, text })) as unknown;
        const ids = joinedIds([id(), id()]);
        const sealed = seal(key, ids, part, place);
        expect(idsOf(sealed)).toBe(ids);
        expect(opened(key, sealed, place)).toEqual(part);
      }),
      { numRuns: runs(), seed: seed("sealed parts") },
    );
  });

  it("shows no word of it, and is another text each time", () => {
    const part = { text: "planted words" };
    const texts = Array.from({ length: 2_000 }, () => seal(key, id(), part, place));
    expect(new Set(texts.map((text) => text.slice(text.lastIndexOf(".") + 1, text.lastIndexOf(".") + 17))).size).toBe(2_000);
    for (const text of texts) {
      expect(text).not.toContain("planted");
      expect(Buffer.from(text.slice(text.lastIndexOf(".")), "base64url").includes("planted")).toBe(false);
    }
  });

  it("is refused with any bit of it changed", () => {
    const ids = joinedIds([id(), id()]);
    const sealed = seal(key, ids, { text: "Hello Bob", topic: null, attachments: [] }, place);
    const bytes = Buffer.from(sealed, "latin1");
    for (let bit = 0; bit < bytes.length * 8; bit++) {
      const changed = Buffer.from(bytes);
      changed[bit >> 3] = (changed[bit >> 3] as number) ^ (1 << (bit & 7));
      const text = changed.toString("latin1");
      // Another name of a key is none that anybody has; all else is refused under the right one.
      if (idsOf(text) === ids) expect(opened(key, text, place), text).toBeUndefined();
    }
  });

  it("is refused with something cut off, put in, or said in another way", () => {
    const sealed = seal(key, id(), { text: "Hello Bob" }, place);
    for (let length = sealed.lastIndexOf(".") + 1; length < sealed.length; length++)
      expect(opened(key, sealed.slice(0, length), place)).toBeUndefined();
    for (const more of ["A", "=", " ", "\n", "AAAA"]) expect(opened(key, sealed + more, place)).toBeUndefined();
    expect(opened(key, "1.x.", place)).toBeUndefined();
  });

  it("is refused in another event, and under another key", () => {
    const sealed = seal(key, id(), { text: "Hello Bob" }, place);
    for (const other of [{ id: id() }, { type: "MessageEdited" }, { stream: "conversation-d:ann~carol" }])
      expect(opened(key, sealed, { ...place, ...other })).toBeUndefined();
    expect(opened(contentKey([randomBytes(32)]), sealed, place)).toBeUndefined();
  });

  it("needs all of its keys, in their order", () => {
    const [one, other] = [randomBytes(32), randomBytes(32)];
    const sealed = seal(contentKey([one, other]), id(), { text: "Hello" }, place);
    expect(opened(contentKey([one, other]), sealed, place)).toEqual({ text: "Hello" });
    for (const keys of [[one], [other], [other, one], [one, other, other]])
      expect(opened(contentKey(keys), sealed, place)).toBeUndefined();
  });

  it("names keys in one form", () => {
    expect(areIds(joinedIds([id(), id(), id()]))).toBe(true);
    for (const wrong of ["", "short", `${id()}~`, `${id()}~~${id()}`, "a".repeat(17), joinedIds(Array.from({ length: 17 }, id))])
      expect(areIds(wrong), wrong).toBe(false);
    for (const wrong of [undefined, null, 1, {}, "", "2.x.y", "1", "1.x"]) expect(idsOf(wrong)).toBeUndefined();
  });
});

const masters = (...texts: string[]) => {
  const found = mastersIn(texts.join(","));
  if (!found) throw new Error("no master keys");
  return found;
};

describe("a master key", () => {
  it("is 32 bytes in base64, and one of at most four", () => {
    const text = newMaster();
    expect(mastersIn(text)?.map((each) => each.id)).toEqual([masters(text)[0].id]);
    expect(mastersIn(`${text}, ${newMaster()}`)).toHaveLength(2);
    expect(masters(Buffer.from(text, "base64").toString("base64url"))[0].id).toBe(masters(text)[0].id);
    expect(masters(text)[0].id).not.toBe(masters(newMaster())[0].id);
    for (const wrong of [
      "",
      "short",
      `${text},`,
      `${text} ${text}`,
      text.slice(4),
      Array.from({ length: 5 }, newMaster).join(","),
    ])
      expect(mastersIn(wrong), wrong).toBeUndefined();
  });

  it("wraps keys, which only it unwraps, in their own places", () => {
    const [own, other] = [masters(newMaster()), masters(newMaster())];
    const kept = newKey(own, { owner: "ann", month: "2026-12" });
    const bytes = unwrap(own, kept);
    expect(bytes).toHaveLength(32);
    expect(kept.wrapped).not.toContain(bytes.toString("base64url"));
    expect(() => unwrap(other, kept)).toThrow("cannot be opened");
    expect(() => unwrap(own, { ...kept, owner: "bob" })).toThrow("cannot be opened");
    expect(() => unwrap(own, { ...kept, month: "2026-11" })).toThrow("cannot be opened");
    expect(() => unwrap(own, { ...kept, id: id() })).toThrow("cannot be opened");
    expect(() => unwrap(own, { ...kept, wrapped: kept.wrapped.slice(1) })).toThrow("cannot be opened");
  });

  it("is changed: the new one wraps the same keys", () => {
    const [former, next] = [newMaster(), newMaster()];
    const kept = newKey(masters(former), { owner: "ann", month: "2026-12" });
    const both = masters(next, former);
    const anew = rewrapped(both, kept);
    expect(anew).toMatchObject({ id: kept.id, owner: "ann", month: "2026-12", master: both[0].id });
    expect(unwrap(masters(next), anew)).toEqual(unwrap(masters(former), kept));
    expect(() => unwrap(masters(former), anew)).toThrow("cannot be opened");
  });
});
