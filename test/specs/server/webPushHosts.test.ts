import { expect, test } from "vitest";
import { newServerKey, serverKeysOf, webPush } from "../../../src/adapters/push/webPush.ts";
import type { Config } from "../../../src/config.ts";
import { webPushHostsOf } from "../../../src/server/push.ts";

const hostsOf = (hosts: string[]) => webPushHostsOf({ push: { webPush: { hosts } } } as unknown as Pick<Config, "push">);

test("hosts are allowed by name, or all below one", () => {
  expect(hostsOf([])).toBeUndefined();
  const hosts = hostsOf(["push.example.org", "push.example.org:8443", "*.notify.example.org"]);
  for (const host of ["push.example.org", "push.example.org:8443", "x.notify.example.org", "y.x.notify.example.org"])
    expect(hosts?.has(host), host).toBe(true);
  for (const host of [
    "notify.example.org",
    ".notify.example.org",
    "xnotify.example.org",
    "x.notify.example.org:22",
    "x.notify.example.org.evil.org",
    "example.org",
    "push.example.org:22",
  ])
    expect(hosts?.has(host), host).toBe(false);
});

test("operators know the services of browsers and the hosts that they allow; of those below a name users say which", async () => {
  const known = async (hosts: string[], ...routes: string[]) => {
    const allowed = hostsOf(hosts);
    const sender = webPush({
      keys: serverKeysOf(newServerKey()),
      contact: "mailto:ops@example.org",
      ...(allowed ? { hosts: allowed } : {}),
    });
    const said = routes.map((route) => [route, sender.isWatched(route), sender.isWatched(route) && sender.mayBeMadeUp?.(route)]);
    await sender.close();
    return said;
  };
  expect(
    await known([], "fcm.googleapis.com", "x.notify.windows.com", "x.notify.windows.com.example.org", "push.example.org"),
  ).toEqual([
    ["fcm.googleapis.com", true, false],
    ["x.notify.windows.com", true, true],
    ["x.notify.windows.com.example.org", false, false],
    ["push.example.org", false, false],
  ]);
  expect(
    await known(["push.example.org", "*.notify.windows.com"], "push.example.org", "x.notify.windows.com", "fcm.googleapis.com"),
  ).toEqual([
    ["push.example.org", true, false],
    ["x.notify.windows.com", true, true],
    ["fcm.googleapis.com", false, false],
  ]);
});
