import { isIP } from "node:net";
import { resolve } from "node:path";
import { z } from "zod";
import { isLoopbackName } from "./transport/origins.ts";
import { isProxyRange } from "./transport/proxies.ts";

const UNITS = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const;

/** In milliseconds, about 24.8 days. The longest wait of a Node timer: with a longer one it fires at once, again and again. */
const TIMER_MAX_MS = 2 ** 31 - 1;
/** In milliseconds, a hundred years. For time spans without a timer. */
const SPAN_MAX_MS = 36_500 * UNITS.d;

/** A time span as text: a number and ms, s, m, h or d. A bare number means seconds. Returns milliseconds. */
const duration = (fallback: string, { leastMs = 0, mostMs = TIMER_MAX_MS, range = "at most 24d" } = {}) =>
  z
    .string()
    .default(fallback)
    .transform((text, context) => {
      const match = /^(\d+(?:\.\d+)?)\s*(ms|s|m|h|d)?$/.exec(text.trim());
      if (!match?.[1]) {
        context.addIssue({ code: "custom", message: `must be a time span such as 90d, 12h, 30m or 45s, not "${text}"` });
        return z.NEVER;
      }
      const ms = Number(match[1]) * UNITS[(match[2] ?? "s") as keyof typeof UNITS];
      if (ms >= leastMs && ms <= mostMs) return ms;
      context.addIssue({ code: "custom", message: `must be ${range}, not "${text}"` });
      return z.NEVER;
    });

/** An address for operators only: `host:port`. */
const address = z
  .string()
  .transform((text, context) => {
    const match = /^(?:\[([0-9a-f:.]+)\]|([^\s:[\]]+)):(\d{1,5})$/i.exec(text.trim());
    const port = Number(match?.[3]);
    if (match && port <= 65_535) return { host: match[1] ?? match[2] ?? "", port };
    context.addIssue({
      code: "custom",
      message: `must be a host and a port, such as 127.0.0.1:9100 or [::1]:9100, not "${text}"`,
    });
    return z.NEVER;
  })
  .optional();

/** Claims that never name a user. */
const OTHER_CLAIMS: ReadonlySet<string> = new Set(["iss", "aud", "exp", "nbf", "iat", "jti", "scope", "device"]);

/** The least length of a secret in characters. It is the length of the signatures. */
const SECRET_LENGTH = 32;

/**
 * One secret, or two separated by a comma. The first signs; signatures of the second are accepted too. Undefined if the text
 * is not one or two such secrets.
 */
export function secretsIn(text: string): [signs: string, verifies?: string] | undefined {
  const parts = text.split(",").map((part) => part.trim());
  const [signs = "", verifies, ...more] = parts;
  if (more.length > 0 || parts.some((part) => part.length < SECRET_LENGTH)) return undefined;
  return verifies === undefined ? [signs] : [signs, verifies];
}

/** Unless MESSAGE_RATE says otherwise. */
const MESSAGES_A_SECOND = 50;

const wholeIn =
  (least: number, most: number) =>
  (text: string, context: z.RefinementCtx): number => {
    const value = /^\d+$/.test(text.trim()) ? Number(text) : Number.NaN;
    if (Number.isInteger(value) && value >= least && value <= most) return value;
    context.addIssue({ code: "custom", message: `must be a whole number from ${least} to ${most}, not "${text}"` });
    return z.NEVER;
  };
const whole = (fallback: number, least: number, most: number) =>
  z.string().default(String(fallback)).transform(wholeIn(least, most));

const oneOf = <const Names extends readonly [string, ...string[]]>(names: Names) =>
  z.enum(names, { error: (issue) => `must be one of ${names.join(", ")}, not "${String(issue.input)}"` });

/** The keys come from this address, so nobody on the way may be able to change them. */
function isSafeToAsk(text: string): boolean {
  if (!URL.canParse(text)) return false;
  const { protocol, hostname, username, password } = new URL(text);
  return (protocol === "https:" || (protocol === "http:" && isLoopbackName(hostname))) && username === "" && password === "";
}

/** Where a server is reached: no more than an origin. */
const isPublic = (text: string): boolean =>
  URL.canParse(text) && /^https?:$/.test(new URL(text).protocol) && new URL(text).origin === text.replace(/\/$/, "");

/** The items of a list separated by commas, without empty ones. */
const listed = (text: string): string[] =>
  text
    .split(",")
    .map((item) => item.trim())
    .filter((item) => item !== "");

const proxies = z
  .string()
  .default("")
  .transform((text, context) => {
    const ranges = listed(text);
    for (const range of ranges)
      if (!isProxyRange(range))
        context.addIssue({
          code: "custom",
          message: `must be addresses, ranges such as 10.0.0.0/8, or the names loopback, linklocal and uniquelocal, separated by commas, not "${range}"`,
        });
    return ranges;
  });

/** Every setting with its name, unit and default. See the README. */
const settings = z.object({
  /** No other values: a typing error must not open a server to the tools of development. */
  NODE_ENV: oneOf(["development", "test", "production"]).default("development"),
  HOST: z.string().min(1).default("127.0.0.1"),
  /** 0 means any free port. */
  PORT: whole(4_000, 0, 65_535),
  /** A separate address for /metrics and the details of /ready. If unset, they are beside the API. */
  OPERATIONS_LISTEN: address,
  DATA_DIR: z.string().min(1).default("./data"),
  /** The chat page at `/`. */
  WEB: oneOf(["on", "off"]).default("on"),
  LOG_LEVEL: oneOf(["fatal", "error", "warn", "info", "debug", "trace", "silent"]).default("info"),

  /** During a change of secrets there are two, separated by a comma. The first signs; both verify. */
  AUTH_SECRET: z
    .string()
    .refine(
      (text) => secretsIn(text) !== undefined,
      "must have at least 32 characters, or be two such secrets separated by a comma: make one with `openssl rand -base64 48`",
    )
    .optional(),
  AUTH_JWKS_URL: z
    .string()
    .refine(
      isSafeToAsk,
      "must be an address such as https://id.example.org/.well-known/jwks.json, without a password; http is allowed only for this machine (127.0.0.1)",
    )
    .optional(),
  AUTH_ISSUER: z.string().min(1).optional(),
  AUTH_AUDIENCE: z.string().min(1).optional(),
  /** The claim of a token that names its user. */
  AUTH_USER_CLAIM: z
    .string()
    .regex(/^[\x21-\x7e]{1,96}$/, "is the name of a claim, such as sub, email or https://example.org/username")
    .refine((name) => !OTHER_CLAIMS.has(name), "is the claim that says who a user is; this one says something else")
    .default("sub"),

  EVENTSTORE_URL: z
    .string()
    .regex(
      /^esdb(\+discover)?:\/\/[^/?]/,
      "must be an address such as esdb://host:2113?tls=false or esdb+discover://user:password@host",
    )
    .optional(),
  /** The prefix of its streams' names, if several logs share an EventStoreDB. */
  EVENTSTORE_PREFIX: z
    .string()
    .regex(/^[a-z0-9][a-z0-9-]{0,31}$/, "must be 1 to 32 of a-z, 0-9 and -")
    .optional(),
  DATABASE_URL: z
    .string()
    .refine(
      (text) => URL.canParse(text.trim()) && /^postgres(ql)?:$/.test(new URL(text.trim()).protocol),
      "must be an address such as postgres://user:password@host:5432/tidings",
    )
    .optional(),
  /** The schema of its tables, if several Tidings share a database. */
  DATABASE_SCHEMA: z
    .string()
    .regex(/^[a-z][a-z0-9_]{0,47}$/, "must be 1 to 48 of a-z, 0-9 and _, beginning with a letter")
    .optional(),
  /**
   * Into how many slices the work of folding the views is divided, among all servers that share them. It is recorded in the log.
   * Unset: what the log says, or 1.
   */
  PROJECTION_SLICES: z.string().transform(wholeIn(1, 64)).optional(),
  /** Nodes of one cluster, separated by commas. */
  ELASTICSEARCH_URL: z
    .string()
    .refine(
      (text) => text.split(",").every((node) => URL.canParse(node.trim()) && /^https?:$/.test(new URL(node.trim()).protocol)),
      "must be an address such as http://host:9200 or https://user:password@host:9200, or several, separated by commas",
    )
    .optional(),
  /** The prefix of its indexes' names, if several Tidings servers share an Elasticsearch. */
  ELASTICSEARCH_PREFIX: z
    .string()
    .regex(/^[a-z0-9][a-z0-9-]{0,31}$/, "must be 1 to 32 of a-z, 0-9 and -")
    .optional(),
  REDIS_URL: z
    .string()
    .refine(
      (text) => URL.canParse(text.trim()) && /^rediss?:$/.test(new URL(text.trim()).protocol),
      "must be an address such as redis://user:password@host:6379",
    )
    .transform((text) => text.trim())
    .optional(),
  /** The prefix of its channels and keys, if several Tidings share a Redis. */
  REDIS_PREFIX: z
    .string()
    .regex(/^[a-z0-9][a-z0-9-]{0,31}$/, "must be 1 to 32 of a-z, 0-9 and -")
    .optional(),
  /** Whether what people write is sealed in the log. Where the log says that it is, it is sealed whatever is set here. */
  ENCRYPTION: oneOf(["on", "off"]).default("off"),
  /** What wraps the keys of the log: the first wraps, all unwrap. Unset: one is made in DATA_DIR. */
  MASTER_KEY: z
    .string()
    .transform((text) => text.trim())
    .refine(
      (text) => /^[A-Za-z0-9+/_-]{43}=?(?:\s*,\s*[A-Za-z0-9+/_-]{43}=?){0,3}$/.test(text),
      "must be 32 bytes as base64, or up to four such keys separated by commas: make one with `openssl rand -base64 32`",
    )
    .optional(),
  /** Where files are kept: S3, or what speaks its protocol. Unset: a folder in DATA_DIR. */
  FILES_URL: z
    .string()
    .transform((text) => text.trim())
    .refine((text) => /^s3:\/\//i.test(text) && URL.canParse(text), "must be an address such as s3://KEY:SECRET@host/bucket")
    .optional(),
  AWS_ACCESS_KEY_ID: z.string().min(1).optional(),
  AWS_SECRET_ACCESS_KEY: z.string().min(1).optional(),
  /** Where clients reach this server. Unset: where each of them says that it does. */
  PUBLIC_URL: z
    .string()
    .transform((text) => text.trim())
    .refine(isPublic, "must be an address such as https://chat.example.org")
    .optional(),
  /** Bytes of one file. The schema has no larger numbers. */
  FILE_SIZE_MAX: whole(104_857_600, 1, 2_147_483_647),
  /** How many uploads of a user may be under way; how many files, and bytes, a user uploads in a day. */
  UPLOADS_WAITING: whole(32, 1, 1_000),
  UPLOADS_PER_DAY: whole(1_000, 1, 10_000),
  UPLOAD_BYTES_PER_DAY: whole(2_147_483_648, 1, 1_125_899_906_842_624),
  /** How long an upload may wait to be sent. */
  UPLOADS_KEPT: duration("1d", { leastMs: 60_000, mostMs: 2_592_000_000, range: "from 1m to 30d" }),
  /** How long the address of a file works at most. */
  AUDIT_HEADS: duration("10m", { leastMs: 1_000, mostMs: 86_400_000, range: "from 1s to 1d" }),
  FILE_ADDRESS_TTL: duration("1h", { leastMs: 1_000, mostMs: 604_800_000, range: "from 1s to 7d" }),
  /** A picture of more pixels is refused. */
  PICTURE_PIXELS_MAX: whole(100_000_000, 1_000_000, 1_000_000_000),
  /** What of a message is told in a push. */
  PUSH_CONTENT: oneOf(["full", "sender", "none"]).default("full"),
  /** News older than this are not pushed: after a time in which nothing could leave. */
  PUSH_MAX_AGE: duration("1h", { leastMs: 60_000, mostMs: 604_800_000, range: "from 1m to 7d" }),
  /** How long a service keeps a push for a device that is away. */
  PUSH_TTL: duration("1d", { mostMs: 2_419_200_000, range: "at most 28d" }),
  /** Whoever is connected with any device has so long to read before the others are pushed. */
  PUSH_GRACE: duration("5s", { mostMs: 600_000, range: "at most 10m" }),
  /** The private key of Web Push (VAPID). Unset: one is made in DATA_DIR. */
  WEB_PUSH_PRIVATE_KEY: z
    .string()
    .regex(/^[A-Za-z0-9_-]{43}$/, "must be 32 bytes as base64url, as `npx web-push generate-vapid-keys` prints it")
    .optional(),
  /** Whom the services of browsers tell of trouble. */
  WEB_PUSH_CONTACT: z
    .string()
    .refine(
      (text) => /^(mailto:[^\s@]+@[^\s@]+|https:\/\/\S+)$/.test(text),
      "must be mailto:somebody@example.org, or an https address",
    )
    .optional(),
  /**
   * Hosts of push services, separated by commas: only these are asked, wherever they are; `*.name`: all below a name. Empty: any
   * of the internet.
   */
  WEB_PUSH_HOSTS: z
    .string()
    .default("")
    .refine(
      (text) => listed(text).every((host) => /^(?:(?:\*\.)?[\w-]+(?:\.[\w-]+)*|\[[\da-f:.]+\])(?::\d{1,5})?$/i.test(host)),
      "must be names of hosts, separated by commas: `push.example.org`, `push.example.org:8443`, or `*.example.org` for all below it",
    ),
  /** The key of APNs (a .p8 file), its id, the team's, and the bundle id of the app. */
  APNS_KEY_FILE: z.string().min(1).optional(),
  APNS_KEY_ID: z
    .string()
    .regex(/^[A-Z0-9]{10}$/, "must be 10 letters and digits")
    .optional(),
  APNS_TEAM_ID: z
    .string()
    .regex(/^[A-Z0-9]{10}$/, "must be 10 letters and digits")
    .optional(),
  APNS_TOPIC: z.string().min(1).optional(),
  APNS_URL: z.string().refine(isSafeToAsk, "must be an address with https").default("https://api.push.apple.com"),
  /** The key of a service account of Firebase, as JSON. */
  FCM_ACCOUNT_FILE: z.string().min(1).optional(),
  FCM_URL: z.string().refine(isSafeToAsk, "must be an address with https").default("https://fcm.googleapis.com"),
  /** The server that commands of the command line ask. Unset: the one that runs on DATA_DIR. */
  SERVER_URL: z
    .string()
    .refine(
      (text) => URL.canParse(text) && /^https?:$/.test(new URL(text).protocol),
      "must be an address such as http://127.0.0.1:4000",
    )
    .optional(),
  /** What this process does: all of it, or a part of a cluster. */
  ROLE: oneOf(["all", "api", "projector", "indexer"]).default("all"),

  /**
   * In conversations with at most so many members, an entry is written to each inbox. In larger ones it is merged in when an
   * inbox is read.
   */
  FANOUT_LIMIT: whole(50, 0, 100_000),
  /** How long inboxes keep entries; 0 is for ever. */
  INBOX_TTL: duration("90d", { mostMs: SPAN_MAX_MS, range: "at most 36500d" }),
  /** How many entries an inbox keeps; 0 is all. */
  INBOX_MAX: whole(100_000, 0, 10_000_000),
  /** How often old inbox entries are looked for and deleted. */
  INBOX_SWEEP: duration("1m", { leastMs: 10, range: "from 10ms to 24d" }),
  /** How long rows of earlier versions of a view are kept once the newer version is read. So long one can go back. */
  OLDER_VIEWS_KEPT: duration("1d", { mostMs: SPAN_MAX_MS, range: "at most 36500d" }),
  /** How far the views may be behind the log while they still decide what users may do. */
  RIGHTS_LAG_MAX: duration("5s"),
  FRIENDS_MAX: whole(5_000, 1, 10_000),
  /** How many messages of a user may wait for their time. */
  SCHEDULED_MAX: whole(100, 1, 1_000),
  /** For how long its sender edits and recalls a message; 0 is for ever. */
  EDIT_WINDOW: duration("0", { mostMs: SPAN_MAX_MS, range: "at most 36500d" }),
  RECALL_WINDOW: duration("0", { mostMs: SPAN_MAX_MS, range: "at most 36500d" }),
  /** How long a device counts as online after its connection was lost, and after the start of the server. */
  PRESENCE_GRACE: duration("30s", { mostMs: 3_600_000, range: "at most 1h" }),
  DEVICES_MAX: whole(32, 1, 100),
  /** Who may write to whom. */
  DIRECT_MESSAGES: oneOf(["anyone", "friends"]).default("anyone"),
  ADD_TO_GROUPS: oneOf(["anyone", "friends"]).default("anyone"),
  /** How many groups a user may be in. */
  GROUPS_MAX: whole(5_000, 1, 10_000),
  GROUP_MEMBERS_MAX: whole(5_000, 2, 100_000),

  /**
   * Units that a user may spend in a second; 0 is no limit. A small operation costs one unit. The units of twelve seconds may
   * be spent at once.
   */
  RATE_LIMIT: whole(50, 0, 1_000_000),
  /**
   * Messages that a user may send in a second; 0 is no limit. Those of twelve seconds may be sent at once. Unset: 50, or no limit
   * if RATE_LIMIT is 0.
   */
  MESSAGE_RATE: z.string().transform(wholeIn(0, 1_000_000)).optional(),
  /** The same for an address. Loopback has no limit, unless a trusted proxy forwards the request. */
  RATE_LIMIT_ADDRESS: whole(1_000, 0, 1_000_000),
  ANSWER_LIMIT_BYTES: whole(8_388_608, 1_048_576, 268_435_456),
  /** An operation must be answered within this time. */
  EXECUTION_LIMIT_MS: whole(20_000, 100, 600_000),
  /** The search engine must answer within this time. */
  SEARCH_LIMIT_MS: whole(2_000, 50, 60_000),
  /** How many searches may wait: of one user, beside the one that runs; and over all users. */
  SEARCHES_WAITING_PER_USER: whole(16, 1, 10_000),
  SEARCHES_WAITING: whole(1_000, 1, 1_000_000),
  /** The largest HTTP request and WebSocket message. */
  BODY_LIMIT_BYTES: whole(131_072, 1_024, 16_777_216),
  /** How long a request may take to arrive. */
  REQUEST_TIMEOUT: duration("30s").refine((ms) => ms >= 1_000 && ms <= 3_600_000, "must be from 1s to 1h"),
  /** TCP connections at the same time, WebSockets included; 0 is no limit, here and below. */
  CONNECTIONS_MAX: whole(50_000, 0, 10_000_000),
  CONNECTIONS_PER_ADDRESS: whole(20_000, 0, 10_000_000),
  SOCKETS_PER_ADDRESS: whole(10_000, 0, 10_000_000),
  SOCKETS_PER_USER: whole(100, 0, 1_000_000),
  SUBSCRIPTIONS_PER_SOCKET: whole(100, 0, 1_000_000),
  SUBSCRIPTIONS_PER_USER: whole(1_000, 0, 1_000_000),
  /** Queries and mutations of one user that may run at the same time. */
  IN_FLIGHT_PER_USER: whole(500, 0, 1_000_000),
  /** The bytes that may wait on one socket, beside one message of any size. */
  BUFFERED_BYTES_PER_SOCKET: whole(1_048_576, 131_072, 1_073_741_824),
  /** The bytes that may wait to be sent over all connections. */
  BUFFERED_BYTES_TOTAL: whole(268_435_456, 16_777_216, 1_099_511_627_776),
  /** If the disk of DATA_DIR has less free than this, `doctor` says so. A tenth of it is a fault; 0 is never. */
  WEBHOOK_PRIVATE: z
    .string()
    .optional()
    .transform((text, context): "allow" | string[] => {
      if (text === undefined || text === "allow") return text ?? [];
      const ranges = listed(text);
      for (const range of ranges)
        if (!isIP(range.split("/")[0] ?? "") || !isProxyRange(range))
          context.addIssue({
            code: "custom",
            message: `must be "allow", or addresses and ranges such as 10.0.0.0/8, separated by commas, not "${range}"`,
          });
      return ranges;
    }),
  WEBHOOK_TIMEOUT: duration("15s", { leastMs: 100, mostMs: 20_000, range: "from 100ms to 20s" }),
  WEBHOOK_RETRY: duration("5s", { leastMs: 1, mostMs: 3_600_000, range: "from 1ms to 1h" }),
  WEBHOOK_GIVE_UP: duration("3d", { leastMs: 1_000 }),
  DISK_FREE_BYTES: whole(1_073_741_824, 0, 1_125_899_906_842_624),
  /** Proxies that are trusted to say where their clients are (X-Forwarded-For). If empty, every peer counts as a client. */
  TRUSTED_PROXIES: proxies,
  /** A file of rules that messages are held to before they are sent. */
  MODERATION_RULES: z.string().min(1).optional(),
  /** A file or a folder of documents that clients may name by id, and whether nothing else is answered. */
  DOCUMENTS: z.string().min(1).optional(),
  DOCUMENTS_ONLY: oneOf(["on", "off"]).default("off"),
  /**
   * Origins of web pages that may connect, separated by commas; * allows any. If empty: this host's own, and outside of
   * production any.
   */
  ORIGINS: z.string().default(""),
});

/** `api`: answers clients. `projector`: folds views. `indexer`: keeps the search index. */
export type Role = z.output<typeof settings>["ROLE"];

/** What each role needs beside DATA_DIR or in place of it. */
const SERVERS_OF = {
  all: [],
  api: ["EVENTSTORE_URL", "DATABASE_URL", "REDIS_URL"],
  projector: ["EVENTSTORE_URL", "DATABASE_URL", "REDIS_URL"],
  indexer: ["EVENTSTORE_URL", "DATABASE_URL", "ELASTICSEARCH_URL", "REDIS_URL"],
} as const satisfies Record<Role, readonly string[]>;

export type Config = {
  production: boolean;
  /** Whether the chat page is served. */
  web: boolean;
  host: string;
  port: number;
  /** The address for operators only. Undefined: beside the API. */
  operations: { host: string; port: number } | undefined;
  /** An absolute path. */
  dataDir: string;
  logLevel: z.output<typeof settings>["LOG_LEVEL"];
  /** The address of EventStoreDB. Undefined: the log is embedded in `dataDir`. */
  eventStoreUrl: string | undefined;
  eventStorePrefix: string | undefined;
  /** The address of PostgreSQL. Undefined: the views are embedded in `dataDir`. */
  databaseUrl: string | undefined;
  databaseSchema: string | undefined;
  /** Undefined: what the log says. */
  projectionSlices: number | undefined;
  /** The addresses of the search engine's nodes, separated by commas. Undefined: the index is embedded in `dataDir`. */
  elasticsearchUrl: string | undefined;
  elasticsearchPrefix: string | undefined;
  /** The address of Redis. Undefined: only this process is told what is new. */
  redisUrl: string | undefined;
  redisPrefix: string | undefined;
  /** Whether sealing is begun here, if the log does not say that it is. */
  encryption: boolean;
  /** Master keys, separated by commas. Undefined: a file in `dataDir`. */
  masterKey: string | undefined;
  /** Undefined: a folder in `dataDir`. */
  filesUrl: string | undefined;
  /** Of S3, where `filesUrl` has none. */
  awsAccessKeyId: string | undefined;
  awsSecretAccessKey: string | undefined;
  publicUrl: string | undefined;
  fileSizeMax: number;
  uploadsWaiting: number;
  uploadsPerDay: number;
  uploadBytesPerDay: number;
  uploadsKeptMs: number;
  fileAddressMs: number;
  /** How often a head of the log is signed. */
  auditHeadsMs: number;
  picturePixelsMax: number;
  push: {
    content: "full" | "sender" | "none";
    maxAgeMs: number;
    ttlMs: number;
    graceMs: number;
    webPush: { privateKey: string | undefined; contact: string | undefined; hosts: string[] };
    /** Undefined: nothing is pushed to devices of Apple. */
    apns: { keyFile: string; keyId: string; teamId: string; topic: string; url: string } | undefined;
    /** Undefined: nothing is pushed by Firebase. */
    fcm: { accountFile: string; url: string } | undefined;
  };
  role: Role;
  /** Undefined: the one on `dataDir`. */
  serverUrl: string | undefined;
  auth: {
    secret: string | undefined;
    jwksUrl: string | undefined;
    issuer: string | undefined;
    audience: string | undefined;
    userClaim: string;
  };
  fanoutLimit: number;
  inboxTtlMs: number;
  inboxMax: number;
  inboxSweepMs: number;
  olderViewsMs: number;
  rightsLagMaxMs: number;
  friendsMax: number;
  devicesMax: number;
  presenceGraceMs: number;
  scheduledMax: number;
  /** 0: for ever. */
  editWindowMs: number;
  recallWindowMs: number;
  directMessages: "anyone" | "friends";
  addToGroups: "anyone" | "friends";
  groupsMax: number;
  groupMembersMax: number;
  operationsPerSecond: number;
  messagesPerSecond: number;
  addressOperationsPerSecond: number;
  answerLimitBytes: number;
  executionLimitMs: number;
  searchLimitMs: number;
  searchesWaitingPerUser: number;
  searchesWaiting: number;
  bodyLimitBytes: number;
  requestTimeoutMs: number;
  connectionsMax: number;
  connectionsPerAddress: number;
  trustedProxies: string[];
  socketsPerAddress: number;
  socketsPerUser: number;
  subscriptionsPerSocket: number;
  subscriptionsPerUser: number;
  inFlightPerUser: number;
  bufferedBytesPerSocket: number;
  bufferedBytesTotal: number;
  /** Where webhooks may lead beside the internet: anywhere, or to addresses of these ranges. */
  webhookPrivate: "allow" | string[];
  webhookTimeoutMs: number;
  webhookRetryMs: number;
  webhookGiveUpMs: number;
  /** 0: any. */
  diskFreeBytes: number;
  origins: string[];
  /** An absolute path, if there are rules for messages. */
  moderationRules: string | undefined;
  /** An absolute path, if documents are given. */
  documents: string | undefined;
  documentsOnly: boolean;
};

/** The message lists all faults, one on each line, with the settings' names. */
export class WrongSettings extends Error {
  override readonly name = "WrongSettings";
}

/** Reads the settings from an environment. An empty setting counts as unset. Throws `WrongSettings` with all faults at once. */
export function readConfig(environment: Readonly<Record<string, string | undefined>>): Config {
  const given = Object.fromEntries(Object.entries(environment).filter(([, value]) => value !== undefined && value !== ""));
  const parsed = settings.safeParse(given);
  const faults = parsed.success ? [] : parsed.error.issues.map((issue) => `${issue.path.join(".")} ${issue.message}`);
  if (given.PROJECTION_SLICES !== undefined && given.DATABASE_URL === undefined)
    faults.push(
      "PROJECTION_SLICES needs DATABASE_URL: only views on PostgreSQL are divided into slices. Set it, or unset PROJECTION_SLICES",
    );
  if (given.AUTH_SECRET !== undefined && given.AUTH_JWKS_URL !== undefined) {
    faults.push("AUTH_SECRET and AUTH_JWKS_URL are both set: keep the one whose keys sign your tokens");
  }
  if (given.DOCUMENTS_ONLY === "on" && given.DOCUMENTS === undefined)
    faults.push("DOCUMENTS must be set with DOCUMENTS_ONLY=on: the file or folder of the documents that are answered");
  const ofApns = ["APNS_KEY_FILE", "APNS_KEY_ID", "APNS_TEAM_ID", "APNS_TOPIC"] as const;
  const lacking = ofApns.filter((name) => given[name] === undefined);
  if (lacking.length > 0 && lacking.length < ofApns.length)
    faults.push(`${lacking.join(", ")} must be set too: APNs needs ${ofApns.join(", ")}`);
  if (given.AUTH_JWKS_URL !== undefined) {
    // A provider also signs tokens for other services. Without these settings, those tokens would be accepted here.
    for (const [name, what] of [
      ["AUTH_ISSUER", "the `iss` of your identity provider's tokens"],
      ["AUTH_AUDIENCE", "the `aud` of those that are for this server"],
    ] as const)
      if (given[name] === undefined) faults.push(`${name} must be set with AUTH_JWKS_URL: ${what}`);
  }
  if (given.NODE_ENV === "production" && given.AUTH_SECRET === undefined && given.AUTH_JWKS_URL === undefined) {
    faults.push(
      "AUTH_SECRET or AUTH_JWKS_URL must be set with NODE_ENV=production: the server would otherwise make a secret that you do not keep",
    );
  }
  const role = parsed.data?.ROLE ?? "all";
  const missing = SERVERS_OF[role].filter((name) => given[name] === undefined);
  if (missing.length > 0)
    faults.push(
      `${missing.join(", ")} must be set with ROLE=${role}: it shares these servers with the other processes of a cluster`,
    );
  if (role === "api" && given.NODE_ENV !== "production" && given.AUTH_SECRET === undefined && given.AUTH_JWKS_URL === undefined)
    faults.push("AUTH_SECRET or AUTH_JWKS_URL must be set with ROLE=api: all of them must accept the same tokens");
  if (!parsed.success || faults.length > 0)
    throw new WrongSettings(`these settings are wrong:\n${faults.map((fault) => `  ${fault}`).join("\n")}`);
  const { data } = parsed;
  return {
    production: data.NODE_ENV === "production",
    web: data.WEB === "on",
    host: data.HOST,
    port: data.PORT,
    operations: data.OPERATIONS_LISTEN,
    dataDir: resolve(data.DATA_DIR),
    logLevel: data.LOG_LEVEL,
    eventStoreUrl: data.EVENTSTORE_URL,
    eventStorePrefix: data.EVENTSTORE_PREFIX,
    databaseUrl: data.DATABASE_URL,
    databaseSchema: data.DATABASE_SCHEMA,
    projectionSlices: data.PROJECTION_SLICES,
    elasticsearchUrl: data.ELASTICSEARCH_URL,
    elasticsearchPrefix: data.ELASTICSEARCH_PREFIX,
    redisUrl: data.REDIS_URL,
    redisPrefix: data.REDIS_PREFIX,
    encryption: data.ENCRYPTION === "on",
    masterKey: data.MASTER_KEY,
    filesUrl: data.FILES_URL,
    awsAccessKeyId: data.AWS_ACCESS_KEY_ID,
    awsSecretAccessKey: data.AWS_SECRET_ACCESS_KEY,
    publicUrl: data.PUBLIC_URL,
    fileSizeMax: data.FILE_SIZE_MAX,
    uploadsWaiting: data.UPLOADS_WAITING,
    uploadsPerDay: data.UPLOADS_PER_DAY,
    uploadBytesPerDay: data.UPLOAD_BYTES_PER_DAY,
    uploadsKeptMs: data.UPLOADS_KEPT,
    fileAddressMs: data.FILE_ADDRESS_TTL,
    auditHeadsMs: data.AUDIT_HEADS,
    picturePixelsMax: data.PICTURE_PIXELS_MAX,
    push: {
      content: data.PUSH_CONTENT,
      maxAgeMs: data.PUSH_MAX_AGE,
      ttlMs: data.PUSH_TTL,
      graceMs: data.PUSH_GRACE,
      webPush: {
        privateKey: data.WEB_PUSH_PRIVATE_KEY,
        contact: data.WEB_PUSH_CONTACT,
        hosts: listed(data.WEB_PUSH_HOSTS).map((host) => host.toLowerCase()),
      },
      apns:
        data.APNS_KEY_FILE === undefined
          ? undefined
          : {
              keyFile: data.APNS_KEY_FILE,
              keyId: data.APNS_KEY_ID ?? "",
              teamId: data.APNS_TEAM_ID ?? "",
              topic: data.APNS_TOPIC ?? "",
              url: data.APNS_URL,
            },
      fcm: data.FCM_ACCOUNT_FILE === undefined ? undefined : { accountFile: data.FCM_ACCOUNT_FILE, url: data.FCM_URL },
    },
    role: data.ROLE,
    serverUrl: data.SERVER_URL,
    auth: {
      secret: data.AUTH_SECRET,
      jwksUrl: data.AUTH_JWKS_URL,
      issuer: data.AUTH_ISSUER,
      audience: data.AUTH_AUDIENCE,
      userClaim: data.AUTH_USER_CLAIM,
    },
    fanoutLimit: data.FANOUT_LIMIT,
    inboxTtlMs: data.INBOX_TTL,
    inboxMax: data.INBOX_MAX,
    inboxSweepMs: data.INBOX_SWEEP,
    olderViewsMs: data.OLDER_VIEWS_KEPT,
    rightsLagMaxMs: data.RIGHTS_LAG_MAX,
    friendsMax: data.FRIENDS_MAX,
    devicesMax: data.DEVICES_MAX,
    presenceGraceMs: data.PRESENCE_GRACE,
    scheduledMax: data.SCHEDULED_MAX,
    editWindowMs: data.EDIT_WINDOW,
    recallWindowMs: data.RECALL_WINDOW,
    directMessages: data.DIRECT_MESSAGES,
    addToGroups: data.ADD_TO_GROUPS,
    groupsMax: data.GROUPS_MAX,
    groupMembersMax: data.GROUP_MEMBERS_MAX,
    operationsPerSecond: data.RATE_LIMIT,
    messagesPerSecond: data.MESSAGE_RATE ?? (data.RATE_LIMIT === 0 ? 0 : MESSAGES_A_SECOND),
    addressOperationsPerSecond: data.RATE_LIMIT_ADDRESS,
    answerLimitBytes: data.ANSWER_LIMIT_BYTES,
    executionLimitMs: data.EXECUTION_LIMIT_MS,
    searchLimitMs: data.SEARCH_LIMIT_MS,
    searchesWaitingPerUser: data.SEARCHES_WAITING_PER_USER,
    searchesWaiting: data.SEARCHES_WAITING,
    bodyLimitBytes: data.BODY_LIMIT_BYTES,
    requestTimeoutMs: data.REQUEST_TIMEOUT,
    connectionsMax: data.CONNECTIONS_MAX,
    connectionsPerAddress: data.CONNECTIONS_PER_ADDRESS,
    trustedProxies: data.TRUSTED_PROXIES,
    socketsPerAddress: data.SOCKETS_PER_ADDRESS,
    socketsPerUser: data.SOCKETS_PER_USER,
    subscriptionsPerSocket: data.SUBSCRIPTIONS_PER_SOCKET,
    subscriptionsPerUser: data.SUBSCRIPTIONS_PER_USER,
    inFlightPerUser: data.IN_FLIGHT_PER_USER,
    bufferedBytesPerSocket: data.BUFFERED_BYTES_PER_SOCKET,
    bufferedBytesTotal: data.BUFFERED_BYTES_TOTAL,
    webhookPrivate: data.WEBHOOK_PRIVATE,
    webhookTimeoutMs: data.WEBHOOK_TIMEOUT,
    webhookRetryMs: data.WEBHOOK_RETRY,
    webhookGiveUpMs: data.WEBHOOK_GIVE_UP,
    diskFreeBytes: data.DISK_FREE_BYTES,
    origins: listed(data.ORIGINS),
    moderationRules: data.MODERATION_RULES === undefined ? undefined : resolve(data.MODERATION_RULES),
    documents: data.DOCUMENTS === undefined ? undefined : resolve(data.DOCUMENTS),
    documentsOnly: data.DOCUMENTS_ONLY === "on",
  };
}
