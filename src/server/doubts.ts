import type { Config } from "../config.ts";
import type { Disk, Doubt, Severity } from "../ports/condition.ts";
import { bytesText } from "../ports/texts.ts";
import { isLoopbackName } from "../transport/origins.ts";

/** The machine that the server runs on, as far as it is known. */
export type Machine = { disk?: Disk | undefined; memoryBytes?: number | undefined };

/** A disk is small if it holds less than so many times what should be free on it. */
const SMALL_DISK = 4;
/** A disk that has less free than this part of what should be is nearly full. */
const NEARLY_FULL = 0.1;
/** What waits to be sent may take this part of the memory at most. */
const MEMORY_PART = 0.5;
/** The longest text of a message, however it is written, fits into so many bytes. */
const LONGEST_TEXT_BYTES = 131_072;
/** In milliseconds. Rights that were taken away longer ago than this should not be in force any more. */
const LONG_RIGHTS_MS = 60_000;
/** A secret with fewer different characters is easy to guess. */
const SECRET_CHARACTERS = 10;

/**
 * All settings that are allowed, and still look wrong, reported together. Settings that are not allowed are refused by
 * `readConfig`.
 */
export function doubtsAbout(config: Config, machine: Machine = {}): Doubt[] {
  const doubts: Doubt[] = [];
  const doubt = (when: boolean, setting: string, reason: string, severity: Severity = "WARNING"): void => {
    if (when) doubts.push({ setting, severity, reason });
  };
  aboutReach(config, doubt);
  aboutStores(config, machine, doubt);
  aboutRows(config, doubt);
  aboutLimits(config, machine, doubt);
  return doubts;
}

type Doubting = (when: boolean, setting: string, reason: string, severity?: Severity) => void;

/** Who can reach the server, and as whom. */
function aboutReach({ production, host, operations, auth, trustedProxies, origins, logLevel }: Config, doubt: Doubting): void {
  const isOpen = !isLocal(host);
  const makesTokens = auth.secret === undefined && auth.jwksUrl === undefined;
  doubt(
    isOpen && !production && makesTokens,
    "NODE_ENV",
    `HOST is ${host}, so others reach the server, and in development it gives everyone a token for any user: set it to production`,
    "FAULT",
  );
  doubt(
    isOpen && !production && !makesTokens,
    "NODE_ENV",
    `HOST is ${host}, so others reach the server, and in development pages of any origin may use it: set it to production`,
  );
  doubt(
    auth.secret !== undefined && auth.secret.split(",").some((secret) => new Set(secret.trim()).size < SECRET_CHARACTERS),
    "AUTH_SECRET",
    "it has few different characters and can be guessed: make one with `openssl rand -base64 48`",
    "FAULT",
  );
  doubt(
    production && isOpen && operations === undefined,
    "OPERATIONS_LISTEN",
    "it is unset, so whoever reaches the API can read /metrics and the details of /ready",
  );
  doubt(
    trustedProxies.some(isWide),
    "TRUSTED_PROXIES",
    "it trusts a large part of all addresses, and whoever is trusted may claim to be any client: name the proxies alone",
    "FAULT",
  );
  doubt(
    production && !isOpen && trustedProxies.length === 0,
    "TRUSTED_PROXIES",
    `HOST is ${host}, so clients come through a proxy on this machine. It is not named, so no limit by address applies to them`,
  );
  doubt(production && origins.includes("*"), "ORIGINS", "pages of any origin may use the server, with the tokens they have");
  doubt(
    production && (logLevel === "silent" || logLevel === "fatal"),
    "LOG_LEVEL",
    `with ${logLevel} nobody learns of faults: set it to warn or info`,
  );
}

/** Where the data is. */
function aboutStores(config: Config, { disk }: Machine, doubt: Doubting): void {
  const { production, dataDir, diskFreeBytes, eventStoreUrl, databaseUrl, elasticsearchUrl, redisUrl, filesUrl, role } = config;
  doubt(
    production && /^\/(?:tmp|var\/tmp|dev\/shm)(?:\/|$)/.test(dataDir),
    "DATA_DIR",
    `${dataDir} is emptied by the system now and then, or at its start: everything embedded would be lost`,
  );
  const free = disk && `its disk has ${bytesText(disk.freeBytes)} free of ${bytesText(disk.totalBytes)}`;
  const isFull = disk !== undefined && disk.freeBytes < NEARLY_FULL * diskFreeBytes;
  doubt(isFull, "DATA_DIR", `${free}: sends are refused once it is full, so make room now`, "FAULT");
  doubt(
    disk !== undefined && !isFull && disk.freeBytes < diskFreeBytes,
    "DATA_DIR",
    `${free}: make room (DISK_FREE_BYTES says that ${bytesText(diskFreeBytes)} should be free)`,
  );
  doubt(
    disk !== undefined && disk.freeBytes >= diskFreeBytes && disk.totalBytes < SMALL_DISK * diskFreeBytes,
    "DATA_DIR",
    `its disk holds ${bytesText(disk?.totalBytes ?? 0)} in all, which is little for a log that only grows (see DISK_FREE_BYTES)`,
  );
  doubt(
    production && eventStoreUrl !== undefined && /[?&]tls=false\b/i.test(eventStoreUrl) && !hostsOf(eventStoreUrl).every(isLocal),
    "EVENTSTORE_URL",
    "tls=false: whoever is on the way reads and changes everything that is written",
  );
  doubt(
    production && databaseUrl !== undefined && !isTrusted(databaseUrl) && !hostsOf(databaseUrl).every(isLocal),
    "DATABASE_URL",
    "without sslmode=verify-full whoever is on the way reads and changes everything that is written",
  );
  doubt(
    production && redisUrl !== undefined && redisUrl.startsWith("redis:") && !hostsOf(redisUrl).every(isLocal),
    "REDIS_URL",
    "redis: whoever is on the way learns who is online, and may give the orders of an operator: use rediss",
  );
  doubt(
    production && filesUrl !== undefined && /[?&]tls=false\b/i.test(filesUrl) && !hostsOf(filesUrl).every(isLocal),
    "FILES_URL",
    "tls=false: whoever is on the way reads and changes all files",
  );
  doubt(
    redisUrl !== undefined && filesUrl === undefined && (role === "all" || role === "api"),
    "FILES_URL",
    "it is unset, and REDIS_URL is set: the other servers of a cluster do not have the files that are uploaded here",
  );
  doubt(
    production &&
      (elasticsearchUrl ?? "")
        .split(",")
        .map((url) => url.trim())
        .some((url) => url.startsWith("http:") && !hostsOf(url).every(isLocal)),
    "ELASTICSEARCH_URL",
    "http: whoever is on the way reads all messages: use https",
  );
}

/** What shapes rows, and rights. */
function aboutRows(config: Config, doubt: Doubting): void {
  const { fanoutLimit, groupMembersMax, inboxMax, inboxTtlMs, inboxSweepMs, rightsLagMaxMs } = config;
  doubt(
    fanoutLimit > groupMembersMax,
    "FANOUT_LIMIT",
    `it is above GROUP_MEMBERS_MAX (${groupMembersMax}): each message of the largest group is written to all its inboxes`,
  );
  doubt(
    inboxMax === 0 && inboxTtlMs === 0,
    "INBOX_MAX",
    "INBOX_MAX and INBOX_TTL are both 0: inboxes keep everything, and grow without end",
  );
  doubt(
    inboxTtlMs > 0 && inboxSweepMs > inboxTtlMs,
    "INBOX_SWEEP",
    "it is longer than INBOX_TTL: entries are kept for longer than that says",
  );
  doubt(rightsLagMaxMs === 0, "RIGHTS_LAG_MAX", "it is 0: every call that needs rights waits until the views hold the whole log");
  doubt(
    rightsLagMaxMs > LONG_RIGHTS_MS,
    "RIGHTS_LAG_MAX",
    "it is more than a minute: who was removed or blocked may go on for so long, if the views lag",
  );
}

/** What users may cost. */
function aboutLimits(config: Config, { memoryBytes }: Machine, doubt: Doubting): void {
  const unlimited = {
    RATE_LIMIT: config.operationsPerSecond,
    MESSAGE_RATE: config.messagesPerSecond,
    RATE_LIMIT_ADDRESS: config.addressOperationsPerSecond,
    CONNECTIONS_MAX: config.connectionsMax,
    SOCKETS_PER_USER: config.socketsPerUser,
    SUBSCRIPTIONS_PER_USER: config.subscriptionsPerUser,
    IN_FLIGHT_PER_USER: config.inFlightPerUser,
  };
  for (const [setting, limit] of Object.entries(unlimited))
    doubt(config.production && limit === 0, setting, "it is 0: one user can take the server away from all others");
  doubt(
    config.searchLimitMs > config.executionLimitMs,
    "SEARCH_LIMIT_MS",
    "it is longer than EXECUTION_LIMIT_MS: a search goes on after nobody waits for it any more",
  );
  doubt(
    config.bodyLimitBytes < LONGEST_TEXT_BYTES,
    "BODY_LIMIT_BYTES",
    `it is below ${LONGEST_TEXT_BYTES}: the longest message that is allowed does not fit`,
  );
  doubt(
    memoryBytes !== undefined && config.bufferedBytesTotal > MEMORY_PART * memoryBytes,
    "BUFFERED_BYTES_TOTAL",
    `slow readers may take more than half of the memory (${bytesText(memoryBytes ?? 0)})`,
  );
}

/** Whether only this machine reaches a host, or is reached at it. */
const isLocal = (host: string): boolean => isLoopbackName(host.includes(":") && !host.startsWith("[") ? `[${host}]` : host);

/** Whether the certificate of PostgreSQL is checked, or a socket of this machine is used. */
const isTrusted = (databaseUrl: string): boolean => /[?&](sslmode=(require|verify-full)\b|host=(\/|%2f))/i.test(databaseUrl);

/** Whether a range holds more addresses than the largest network that somebody has for themselves (10.0.0.0/8, fc00::/7). */
function isWide(range: string): boolean {
  const [address = "", bits] = range.split("/");
  return bits !== undefined && Number(bits) < (address.includes(":") ? 7 : 8);
}

/** The hosts of an address, which may name several: `esdb://a:2113,b:2113`. */
const hostsOf = (url: string): string[] =>
  url
    .replace(/^[a-z+]+:\/\//i, "")
    .replace(/^[^/?]*@/, "")
    .replace(/[/?].*$/, "")
    .split(",")
    .map((host) => host.replace(/:\d+$/, ""));
