import { describe, expect, it, test } from "vitest";
import { readConfig } from "../../../src/config.ts";
import { doubtsAbout, type Machine } from "../../../src/server/doubts.ts";

const GIB = 2 ** 30;
const BIG: Machine = { disk: { freeBytes: 500 * GIB, totalBytes: 1_000 * GIB }, memoryBytes: 16 * GIB };
const SECRET = "Zm9yIHRlc3RzOiBsb25nIGVub3VnaCBhbmQgdmFyaWVk";

const about = (settings: Record<string, string>, machine: Machine = BIG) =>
  doubtsAbout(readConfig(settings), machine).map(({ setting, severity }) => `${severity} ${setting}`);

const FILES = "s3://k:s@files.example.org/chat";

/** As it should be set where others reach it. */
const PRODUCTION = {
  NODE_ENV: "production",
  HOST: "0.0.0.0",
  AUTH_SECRET: SECRET,
  OPERATIONS_LISTEN: "127.0.0.1:9100",
  DATA_DIR: "/var/lib/tidings",
};

test("the settings that one begins with are well, and so are those of production", () => {
  expect(about({})).toEqual([]);
  expect(about(PRODUCTION)).toEqual([]);
  expect(doubtsAbout(readConfig({}))).toEqual([]);
});

describe("a setting looks wrong", () => {
  it.each<[string, Record<string, string>, string[]]>([
    ["others reach a server that gives tokens to everyone", { HOST: "0.0.0.0" }, ["FAULT NODE_ENV"]],
    ["others reach it, in development", { HOST: "10.0.0.5", AUTH_SECRET: SECRET }, ["WARNING NODE_ENV"]],
    ["only this machine reaches it, by another name", { HOST: "::1" }, []],
    ["a secret can be guessed", { AUTH_SECRET: "abcabcabcabcabcabcabcabcabcabcabcabc" }, ["FAULT AUTH_SECRET"]],
    ["the former secret can be guessed", { AUTH_SECRET: `${SECRET},${"a".repeat(40)}` }, ["FAULT AUTH_SECRET"]],
    ["everyone reads the metrics", { ...PRODUCTION, OPERATIONS_LISTEN: "" }, ["WARNING OPERATIONS_LISTEN"]],
    ["half of all addresses are trusted", { TRUSTED_PROXIES: "loopback,128.0.0.0/1" }, ["FAULT TRUSTED_PROXIES"]],
    ["a large part of all addresses is trusted", { TRUSTED_PROXIES: "2000::/3" }, ["FAULT TRUSTED_PROXIES"]],
    ["a whole network is trusted", { TRUSTED_PROXIES: "10.0.0.0/8,fc00::/7,uniquelocal" }, []],
    ["a proxy on this machine is not named", { ...PRODUCTION, HOST: "127.0.0.1" }, ["WARNING TRUSTED_PROXIES"]],
    ["a proxy on this machine is named", { ...PRODUCTION, HOST: "127.0.0.1", TRUSTED_PROXIES: "loopback" }, []],
    ["pages of any origin connect", { ...PRODUCTION, ORIGINS: "https://example.org,*" }, ["WARNING ORIGINS"]],
    ["nobody learns of faults", { ...PRODUCTION, LOG_LEVEL: "silent" }, ["WARNING LOG_LEVEL"]],
    ["the data is where the system removes it", { ...PRODUCTION, DATA_DIR: "/tmp/tidings" }, ["WARNING DATA_DIR"]],
    ["a name only begins like that of such a place", { ...PRODUCTION, DATA_DIR: "/tmpfiles/tidings" }, []],
    [
      "the log is sent over the network as it is",
      { ...PRODUCTION, EVENTSTORE_URL: "esdb://127.0.0.1:2113,b.example.org:2113?tls=false" },
      ["WARNING EVENTSTORE_URL"],
    ],
    ["the log is on this machine", { ...PRODUCTION, EVENTSTORE_URL: "esdb://127.0.0.1:2113?tls=false" }, []],
    [
      "messages are sent to the engine as they are",
      { ...PRODUCTION, ELASTICSEARCH_URL: "https://a.example.org:9200,http://user:p@b.example.org:9200" },
      ["WARNING ELASTICSEARCH_URL"],
    ],
    [
      "PostgreSQL is reached without TLS",
      { ...PRODUCTION, DATABASE_URL: "postgres://a:b@db.example.org/tidings" },
      ["WARNING DATABASE_URL"],
    ],
    ["and with it", { ...PRODUCTION, DATABASE_URL: "postgres://a:b@db.example.org/t?sslmode=verify-full" }, []],
    [
      "Redis is reached without TLS",
      { ...PRODUCTION, FILES_URL: FILES, REDIS_URL: "redis://:b@redis.example.org" },
      ["WARNING REDIS_URL"],
    ],
    ["and with it", { ...PRODUCTION, FILES_URL: FILES, REDIS_URL: "rediss://:b@redis.example.org" }, []],
    ["servers of a cluster have their own files", { ...PRODUCTION, REDIS_URL: "redis://localhost" }, ["WARNING FILES_URL"]],
    ["files are sent over the network as they are", { ...PRODUCTION, FILES_URL: `${FILES}?tls=false` }, ["WARNING FILES_URL"]],
    ["Redis is on this machine", { ...PRODUCTION, FILES_URL: FILES, REDIS_URL: "redis://localhost:6379/1" }, []],
    ["PostgreSQL is on this machine", { ...PRODUCTION, DATABASE_URL: "postgres://localhost/tidings" }, []],
    ["the engine is on this machine", { ...PRODUCTION, ELASTICSEARCH_URL: "http://localhost:9200" }, []],
    ["no group is wide", { FANOUT_LIMIT: "5001" }, ["WARNING FANOUT_LIMIT"]],
    ["only the largest groups are just not wide", { FANOUT_LIMIT: "5000" }, []],
    ["inboxes grow without end", { INBOX_MAX: "0", INBOX_TTL: "0" }, ["WARNING INBOX_MAX"]],
    ["inboxes end by one of the two", { INBOX_MAX: "0" }, []],
    ["old entries are looked for too rarely", { INBOX_TTL: "1h", INBOX_SWEEP: "2h" }, ["WARNING INBOX_SWEEP"]],
    ["entries that are kept for ever are looked for rarely", { INBOX_TTL: "0", INBOX_SWEEP: "2h" }, []],
    ["every call waits", { RIGHTS_LAG_MAX: "0" }, ["WARNING RIGHTS_LAG_MAX"]],
    ["rights stay for long", { RIGHTS_LAG_MAX: "10m" }, ["WARNING RIGHTS_LAG_MAX"]],
    ["one user takes all", { ...PRODUCTION, RATE_LIMIT: "0" }, ["WARNING RATE_LIMIT", "WARNING MESSAGE_RATE"]],
    ["one user takes all, where nobody else is", { RATE_LIMIT: "0" }, []],
    ["one address takes all", { ...PRODUCTION, RATE_LIMIT_ADDRESS: "0" }, ["WARNING RATE_LIMIT_ADDRESS"]],
    ["one user has all sockets", { ...PRODUCTION, SOCKETS_PER_USER: "0" }, ["WARNING SOCKETS_PER_USER"]],
    ["searches go on for nobody", { EXECUTION_LIMIT_MS: "1000" }, ["WARNING SEARCH_LIMIT_MS"]],
    ["the longest message does not fit", { BODY_LIMIT_BYTES: "65536" }, ["WARNING BODY_LIMIT_BYTES"]],
    ["slow readers take the memory", { BUFFERED_BYTES_TOTAL: String(9 * GIB) }, ["WARNING BUFFERED_BYTES_TOTAL"]],
  ])("%s", (_, settings, doubts) => expect(about(settings)).toEqual(doubts));
});

describe("a disk", () => {
  const at = (freeBytes: number, totalBytes: number, settings = {}) =>
    doubtsAbout(readConfig(settings), { disk: { freeBytes, totalBytes } });

  it("has room, is filling, is nearly full, or is small", () => {
    expect(at(GIB, 4 * GIB)).toEqual([]);
    expect(at(GIB - 1, 40 * GIB)).toMatchObject([{ setting: "DATA_DIR", severity: "WARNING" }]);
    expect(at(GIB / 10 - 1, 40 * GIB)).toMatchObject([{ setting: "DATA_DIR", severity: "FAULT" }]);
    expect(at(GIB, 4 * GIB - 1)).toMatchObject([{ setting: "DATA_DIR", severity: "WARNING" }]);
  });

  it("is judged by what should be free", () => {
    expect(at(0, 1, { DISK_FREE_BYTES: "0" })).toEqual([]);
    expect(at(5 * GIB, 100 * GIB, { DISK_FREE_BYTES: String(10 * GIB) })[0]?.reason).toContain("5.0 GiB free of 100 GiB");
  });
});

test("each says what is wrong, with what it is", () => {
  const found = doubtsAbout(readConfig({ HOST: "0.0.0.0", FANOUT_LIMIT: "9000", GROUP_MEMBERS_MAX: "800" }), BIG);
  expect(found.map(({ reason }) => reason)).toEqual([
    expect.stringContaining("HOST is 0.0.0.0"),
    expect.stringContaining("GROUP_MEMBERS_MAX (800)"),
  ]);
});
