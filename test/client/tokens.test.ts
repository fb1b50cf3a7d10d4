import { describe, expect, it, vi } from "vitest";
import { claimsOf, keepToken } from "../../src/client/tokens.ts";

const tokenOf = (claims: object): string => `head.${Buffer.from(JSON.stringify(claims)).toString("base64url")}.signature`;

describe("a token", () => {
  it("is asked for once by calls of the same moment, and kept", async () => {
    const ask = vi.fn(async () => "opaque");
    const tokens = keepToken(ask);
    expect(await Promise.all([tokens.get(), tokens.get()])).toEqual(["opaque", "opaque"]);
    await tokens.get();
    expect(ask).toHaveBeenCalledTimes(1);
  });

  it("is asked for anew before it expires", async () => {
    let now = 0;
    const ask = vi.fn(async () => tokenOf({ sub: "alice", exp: now / 1_000 + 60 }));
    const tokens = keepToken(ask, () => now);
    const first = await tokens.get();
    now = 49_000;
    expect(await tokens.get()).toBe(first);
    now = 50_000;
    expect(await tokens.get()).not.toBe(first);
  });

  it("is asked for anew once it was refused, and not where an older one was", async () => {
    let made = 0;
    const tokens = keepToken(() => `token ${++made}`);
    const first = await tokens.get();
    tokens.refused(first);
    const second = await tokens.get();
    tokens.refused(first);
    expect(second).toBe("token 2");
    expect(await tokens.get()).toBe("token 2");
  });

  it("is asked for again after the question failed", async () => {
    const ask = vi.fn<() => Promise<string>>().mockRejectedValueOnce(new Error("signed out")).mockResolvedValue("token");
    const tokens = keepToken(ask);
    await expect(tokens.get()).rejects.toThrow("signed out");
    expect(await tokens.get()).toBe("token");
  });

  it("is asked for again after the question failed at once", async () => {
    let isThere = false;
    const tokens = keepToken(() => {
      if (!isThere) throw new Error("signed out");
      return "token";
    });
    await expect(tokens.get()).rejects.toThrow("signed out");
    isThere = true;
    expect(await tokens.get()).toBe("token");
  });

  it("is used for a while also by a clock for which it has expired already", async () => {
    let now = 1_000_000;
    const ask = vi.fn(() => tokenOf({ sub: "alice", exp: 10 }));
    const tokens = keepToken(ask, () => now);
    await tokens.get();
    now += 4_000;
    await tokens.get();
    expect(ask).toHaveBeenCalledTimes(1);
    now += 2_000;
    await tokens.get();
    expect(ask).toHaveBeenCalledTimes(2);
  });

  it("is not waited for without end", async () => {
    vi.useFakeTimers();
    try {
      const ask = vi
        .fn<() => Promise<string>>()
        .mockReturnValueOnce(new Promise(() => undefined))
        .mockResolvedValue("token");
      const tokens = keepToken(ask);
      const refused = expect(tokens.get()).rejects.toThrow("in vain for a token");
      await vi.advanceTimersByTimeAsync(30_000);
      await refused;
      expect(await tokens.get()).toBe("token");
    } finally {
      vi.useRealTimers();
    }
  });

  it("says whose it is where it is a JSON Web Token, in any script", () => {
    expect(claimsOf(tokenOf({ sub: "李" })).sub).toBe("李");
    expect(claimsOf("opaque")).toEqual({});
    expect(claimsOf("a.b.c")).toEqual({});
  });
});
