import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { describe, expect, test } from "vitest";
import { postHook } from "../../../src/adapters/webhookPost/post.ts";
import { reach } from "../../../src/adapters/webhookPost/reach.ts";

const SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSwMfKQ9r8GKYo=";
const MESSAGE = { id: "evt_1", at: Date.UTC(2026, 0, 1), body: "{}", secret: SECRET };

describe("where webhooks may lead", () => {
  const { faultIn, faultOf } = reach({ private: [] });
  test.each([
    "https://127.0.0.1/",
    "https://10.1.2.3/",
    "https://172.16.0.1/",
    "https://192.168.1.1/",
    "https://100.64.0.1/",
    "https://169.254.169.254/latest/meta-data",
    "https://0.0.0.0/",
    "https://2130706433/",
    "https://0x7f.1/",
    "https://[::1]/",
    "https://[::ffff:127.0.0.1]/",
    "https://[fc00::1]/",
    "https://[fe80::1]/",
    "https://[64:ff9b::7f00:1]/",
    "http://93.184.215.14/",
    "https://user:password@93.184.215.14/",
    "ftp://93.184.215.14/",
  ])("not to %s", (url) => expect(faultIn(url)).toEqual(expect.any(String)));
  test.each(["https://93.184.215.14/", "https://[2606:2800:21f:cb07:6820:80da:af6b:8b2c]/", "https://example.org/a?b"])(
    "but to %s",
    (url) => expect(faultIn(url)).toBeUndefined(),
  );

  test("not to a name that has such an address, among others", async () => {
    const resolve = async () => [
      { address: "93.184.215.14", family: 4 },
      { address: "10.0.0.1", family: 4 },
    ];
    expect(await reach({ private: [], resolve }).faultOf("https://inside.example.org/")).toEqual(expect.any(String));
    expect(await reach({ private: ["10.0.0.0/8"], resolve }).faultOf("https://inside.example.org/")).toBeUndefined();
  });

  test("a name that is not found now may be found later", async () => {
    const resolve = () => Promise.reject(new Error("ENOTFOUND"));
    expect(await reach({ private: [], resolve }).faultOf("https://later.example.org/")).toBeUndefined();
    expect(await faultOf("https://127.0.0.1/")).toEqual(expect.any(String));
  });
});

test("a name that leads elsewhere by the time of the connection is not connected to", async () => {
  let connections = 0;
  const server = createServer((_request, response) => response.writeHead(200).end());
  server.on("connection", () => connections++);
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  let looks = 0;
  // It rebinds: the first look finds an address of the internet, each later one this machine.
  const resolve = async () => [{ address: looks++ === 0 ? "93.184.215.14" : "127.0.0.1", family: 4 }];
  const url = `https://rebinding.example.org:${port}/`;
  const strict = reach({ private: [], resolve });
  expect(await strict.faultOf(url)).toBeUndefined();
  expect(await postHook({ reach: strict, timeoutMs: 2_000 })({ ...MESSAGE, url })).toEqual({
    error: expect.stringContaining("not of the internet") as string,
  });
  expect([looks, connections]).toEqual([2, 0]);
  // Where it is allowed the very same connection is made.
  const open = postHook({ reach: reach({ private: ["127.0.0.0/8"], resolve }), timeoutMs: 5_000 });
  expect(await open({ ...MESSAGE, url: `http://rebinding.example.org:${port}/` })).toEqual({ status: 200 });
  expect(connections).toBe(1);
  server.close();
});
