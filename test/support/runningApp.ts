import type { AddressInfo } from "node:net";
import type { FastifyInstance } from "fastify";
import { Registry } from "prom-client";
import { readUserId } from "../../src/domain/ids.ts";
import { type AppOptions, buildApp } from "../../src/transport/app.ts";
import { sign, tokens } from "../../src/transport/auth.ts";
import { type TransportConfig, transportDefaults } from "../../src/transport/limits.ts";
import { contextOf, SHARED, type SmallApi, smallApi } from "./smallApi.ts";

export const SECRET = "a secret of the tests, long enough for HS256";

export type Fault = { level: string; fields: Record<string, unknown>; message: string };

export type Running = SmallApi & {
  app: FastifyInstance;
  port: number;
  http: string;
  ws: string;
  faults: Fault[];
  registry: Registry;
  token(user: string, more?: { admin?: boolean; device?: string; expiresInSeconds?: number }): Promise<string>;
  /** A POST with a token of ann's, unless others are given. */
  post(body: unknown, headers?: Record<string, string>): Promise<Response>;
  ask(
    query: string,
    variables?: object,
    operationName?: string,
  ): Promise<{ data?: Record<string, unknown> | null; errors?: ApiErrors }>;
};

export type ApiErrors = { message: string; path?: (string | number)[]; extensions: Record<string, unknown> }[];

/** The app on a port of its own. `await using` closes it. */
export async function running(
  config: Partial<TransportConfig> = {},
  options: Partial<
    Pick<
      AppOptions,
      "sharedFields" | "health" | "developmentToken" | "contextOf" | "tokens" | "comings" | "documents" | "page" | "files"
    >
  > = {},
): Promise<Running & AsyncDisposable> {
  const made = smallApi();
  const faults: Fault[] = [];
  const registry = new Registry();
  const app = await buildApp({
    schema: made.schema,
    contextOf,
    sharedFields: SHARED,
    tokens: tokens({ secret: SECRET, userOf: readUserId }),
    health: () => ({ ready: true, components: { log: { ready: true } } }),
    registry,
    logger: recorder(faults),
    ...options,
    config: { ...transportDefaults, production: false, closeWithinMs: 2_000, ...config },
  });
  await app.listen({ port: 0, host: "127.0.0.1" });
  const { port } = app.server.address() as AddressInfo;
  const http = `http://127.0.0.1:${port}/graphql`;
  const token: Running["token"] = (sub, more) => sign(SECRET, { sub, expiresInSeconds: 600, ...more });
  const anns = await token("ann");
  const post: Running["post"] = (body, headers = {}) =>
    fetch(http, {
      method: "POST",
      headers: { "content-type": "application/json", authorization: `Bearer ${anns}`, ...headers },
      body: typeof body === "string" || body instanceof Uint8Array ? body : JSON.stringify(body),
    });
  return {
    ...made,
    app,
    port,
    http,
    ws: `ws://127.0.0.1:${port}/graphql`,
    faults,
    registry,
    token,
    post,
    ask: async (query, variables, operationName) => (await post({ query, variables, operationName })).json() as never,
    [Symbol.asyncDispose]: () => app.close(),
  };
}

function recorder(faults: Fault[]) {
  const at = (level: string) => (fields: Record<string, unknown>, message: string) => {
    if (level === "error" || level === "warn") faults.push({ level, fields, message });
  };
  const logger = {
    level: "info",
    debug: at("debug"),
    info: at("info"),
    warn: at("warn"),
    error: at("error"),
    fatal: at("fatal"),
    trace: at("trace"),
    silent: at("silent"),
    child: () => logger,
  };
  return logger as never;
}
