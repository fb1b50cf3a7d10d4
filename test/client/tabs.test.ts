import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { connectionTold, sharedTabs, type Tabs, toldConnection } from "../../src/client/tabs.ts";
import { clientError } from "../../src/client/errors.ts";
import { until } from "../support/until.ts";
import { browser } from "./support/browser.ts";

let page: ReturnType<typeof browser>;

beforeEach(() => {
  page = browser();
});
afterEach(() => page[Symbol.dispose]());

function tab() {
  const lead = vi.fn();
  const lost = vi.fn();
  const report = vi.fn();
  const tabs: Tabs = sharedTabs({ name: "a name", lead, lost, took: () => undefined, report });
  return { tabs, lead, lost, report };
}

describe("tabs of one browser", () => {
  it("lead one after the other, and learn of each other's end", async () => {
    const [one, other] = [tab(), tab()];
    await until("the first leads", () => one.tabs.isLeading);
    expect(other.tabs.isLeading).toBe(false);
    const gone = vi.fn();
    other.tabs.whenGone(one.tabs.id, gone);
    await Promise.resolve();
    expect(gone).not.toHaveBeenCalled();
    await one.tabs.close();
    await until("the other leads", () => other.tabs.isLeading);
    await until("the end is known", () => gone.mock.calls.length === 1);
    await other.tabs.close();
  });

  it("do not lead any more where another one took the lock away, until it is their turn again", async () => {
    const one = tab();
    await until("it leads", () => one.tabs.isLeading);
    const release = page.steal("a name");
    await until("it knows", () => one.lost.mock.calls.length === 1);
    expect(one.tabs.isLeading).toBe(false);
    release();
    await until("it leads again", () => one.tabs.isLeading);
    expect(one.lead).toHaveBeenCalledTimes(2);
    await one.tabs.close();
  });

  it("lead by themselves where a page may have no locks", async () => {
    page.forbidLocks();
    const one = tab();
    await until("it leads", () => one.tabs.isLeading);
    expect(one.report).toHaveBeenCalledTimes(1);
    await one.tabs.close();
  });

  it("tell the whole of an error", () => {
    const error = clientError("RATE_LIMITED", "too much", { retryAfterMs: 10 });
    const told = structuredClone(toldConnection({ state: "waiting", retryAt: 1, error }));
    expect(connectionTold(told)).toEqual({ state: "waiting", retryAt: 1, error });
    expect(connectionTold(told).error).toMatchObject({ code: "RATE_LIMITED", retryAfterMs: 10 });
    expect(connectionTold(toldConnection({ state: "live" }))).toEqual({ state: "live" });
  });
});
