import { existsSync } from "node:fs";
import { join } from "node:path";
import type { FastifyBaseLogger } from "fastify";
import type { GraphQLSchema } from "graphql";
import { Registry } from "prom-client";
import { contextOf } from "../api/context.ts";
import { SHARED_FIELDS } from "../api/inbox/deliveries.ts";
import { exampleOperations } from "../api/exampleOperations.ts";
import { buildSchema } from "../api/schema.ts";
import { botOfToken } from "../commands/botTokens.ts";
import type { Config } from "../config.ts";
import { readUser, readUserId, userNameIn } from "../domain/ids.ts";
import { buildApp } from "../transport/app.ts";
import { sign, type Signed, tokens } from "../transport/auth.ts";
import type { DevelopmentToken } from "../transport/ide.ts";
import type { GivenDocuments } from "../transport/documents.ts";
import { pacedRead } from "../transport/execution/reading.ts";
import { type TransportConfig, transportDefaults } from "../transport/limits.ts";
import { buildOperations, type Readiness } from "../transport/probes.ts";
import { withoutBanned } from "./bannedTokens.ts";
import type { Tidings } from "./compose.ts";
import { incomingOf } from "./incoming.ts";
import { readDocuments } from "./documents.ts";
import { ARRIVE_MS } from "./files.ts";
import { serverMetrics } from "./metrics.ts";
import { processMetrics } from "./processMetrics.ts";
import { secretsOf } from "./secret.ts";
import { PAGE } from "./version.ts";

const HOUR_S = 3_600;
/** So many seconds' worth of operations may come at once, because a group of 500 is also made at once. */
const BURST_S = 12;

/** Builds the API of a running Tidings with its configuration, and the part that only operators reach. Neither listens yet. */
export async function buildServer(tidings: Tidings, config: Config, logger: FastifyBaseLogger, instance?: string) {
  const secrets = await secretsOf(config);
  const secret = secrets?.secret;
  const registry = new Registry();
  processMetrics(registry, tidings.processes);
  serverMetrics(registry, {
    ...tidings,
    failed: (err, metric) => logger.error({ err, metric }, "a metric could not be read"),
  });
  const health = () => readinessOf(tidings);
  const { jwksUrl, issuer, audience, userClaim } = config.auth;
  const named = { userClaim, ...(issuer === undefined ? {} : { issuer }), ...(audience === undefined ? {} : { audience }) };
  const schema = buildSchema();
  const app = await buildApp({
    schema,
    ...(config.documents === undefined ? {} : { documents: await givenDocuments(config, config.documents, schema) }),
    contextOf: contextOf(tidings, pacedRead),
    sharedFields: SHARED_FIELDS,
    tokens: withoutBanned(
      tokens({
        ...(secrets === undefined ? { jwksUrl: jwksUrl ?? "" } : { secret, formerSecret: secrets.former }),
        ...named,
        userOf: readUserId,
        botOf: (token) => botOfToken({ ...tidings.views.directory, fresh: tidings.fresh }, token),
      }),
      tidings.banned,
    ),
    config: {
      ...transportDefaults,
      ...transportOf(config),
      ide: !config.production,
      uploadTimeoutMs: tidings.files?.door === undefined ? 0 : ARRIVE_MS,
      burst: config.operationsPerSecond * BURST_S,
      addressBurst: config.addressOperationsPerSecond * BURST_S,
      answerBytesMax: config.answerLimitBytes,
      executionMs: config.executionLimitMs,
    },
    health,
    comings: tidings.presence,
    ...(instance === undefined ? {} : { instance }),
    operationsApart: config.operations !== undefined,
    registry,
    logger,
    exampleOperations,
    ...(config.web ? { page: PAGE } : {}),
    files: tidings.files?.door,
    incoming: incomingOf(tidings),
    filesOrigin: tidings.files?.store.origin,
    // If the secret was set by hand, someone else gives out the tokens.
    ...(secret === undefined || config.auth.secret !== undefined || config.production
      ? {}
      : { developmentToken: tokensForAnyone(secret, named) }),
  });
  const probed = { health, closing: () => false, ...(instance === undefined ? {} : { instance }) };
  return { app, operations: buildOperations(probed, registry, logger) };
}

/** The documents at a path; and where nothing else is answered, those of the chat page, which is to go on. */
async function givenDocuments(
  { web, documentsOnly: only }: Config,
  path: string,
  schema: GraphQLSchema,
): Promise<GivenDocuments> {
  const given = await readDocuments(path, schema);
  const ofPage = join(PAGE, "documents.json");
  if (!only || !web || !existsSync(ofPage)) return { byId: given, only };
  return { byId: new Map([...(await readDocuments(ofPage, schema)), ...given]), only };
}

/** Makes tokens for trying things out, for any user. The user is given by id, or by the name that an identity provider uses. */
function tokensForAnyone(secret: string, named: Pick<Signed, "issuer" | "audience" | "userClaim">): DevelopmentToken {
  return async (text) => {
    const user = readUser(text);
    if ("fault" in user) return user;
    return { token: await sign(secret, { sub: userNameIn(user.id) ?? user.id, expiresInSeconds: HOUR_S, ...named }) };
  };
}

/** The settings that the transport takes over unchanged: those with the same name on both sides. */
export const transportOf = ({
  production,
  bodyLimitBytes,
  requestTimeoutMs,
  connectionsMax,
  connectionsPerAddress,
  trustedProxies,
  socketsPerAddress,
  socketsPerUser,
  subscriptionsPerSocket,
  subscriptionsPerUser,
  inFlightPerUser,
  bufferedBytesPerSocket,
  bufferedBytesTotal,
  operationsPerSecond,
  addressOperationsPerSecond,
  origins,
}: Config): Pick<TransportConfig, keyof TransportConfig & keyof Config> => ({
  production,
  bodyLimitBytes,
  requestTimeoutMs,
  connectionsMax,
  connectionsPerAddress,
  trustedProxies,
  socketsPerAddress,
  socketsPerUser,
  subscriptionsPerSocket,
  subscriptionsPerUser,
  inFlightPerUser,
  bufferedBytesPerSocket,
  bufferedBytesTotal,
  operationsPerSecond,
  addressOperationsPerSecond,
  origins,
});

/** How a server is, as /ready says it. */
export async function readinessOf(server: Pick<Tidings, "health">): Promise<Readiness> {
  const { ready, components, projections } = await server.health();
  const byRole = components.map(({ role, kind, reachable, version, detail }) => {
    const known = { ...(version === undefined ? {} : { version }), ...(detail === undefined ? {} : { detail }) };
    return [role, { ready: reachable, kind, ...known }] as const;
  });
  return { ready, components: Object.fromEntries(byRole), projections };
}
