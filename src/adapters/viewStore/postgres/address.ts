import { readFileSync } from "node:fs";
import type { ClientConfig } from "pg";

/** The content of a `DATABASE_URL`. `name`: for sentences; without the password. */
export type Address = { name: string; config: ClientConfig };

const SHAPE = "it is an address such as postgres://user:password@host:5432/tidings";
const PORT = 5_432;

/** What may follow the `?`. What else the driver would take by itself, nobody checks. */
const OPTIONS: ReadonlySet<string> = new Set(["host", "sslmode", "sslrootcert", "sslcert", "sslkey"]);

/**
 * Parses a connection string. Throws an `Error` that says what is wrong with it. The error never contains the password. `host=`
 * names the directory of a socket of this machine.
 */
export function addressOf(url: string): Address {
  if (!URL.canParse(url.trim())) throw new Error(SHAPE);
  const { protocol, hostname, port, pathname, username, password, searchParams } = new URL(url.trim());
  const database = decoded(pathname.slice(1));
  const host = searchParams.get("host") ?? decoded(hostname).replace(/^\[(.*)\]$/, "$1");
  if (!/^postgres(ql)?:$/.test(protocol) || database === "" || host === "") throw new Error(SHAPE);
  for (const key of searchParams.keys()) if (!OPTIONS.has(key)) throw new Error(`it has the unknown option ${key}`);
  const at = port === "" ? PORT : Number(port);
  return {
    name: `${host.includes(":") ? `[${host}]` : host}:${at}/${database}`,
    config: {
      host,
      port: at,
      database,
      ...(username === "" ? {} : { user: decoded(username) }),
      ...(password === "" ? {} : { password: decoded(password) }),
      ssl: tlsOf(searchParams),
    },
  };
}

/**
 * Other than psql does, `require` checks the certificate too: else whoever is on the way reads and changes everything. Without a
 * `sslmode` there is no TLS.
 */
function tlsOf(options: URLSearchParams): NonNullable<ClientConfig["ssl"]> {
  const mode = options.get("sslmode") ?? "disable";
  if (mode === "disable") return false;
  if (!["require", "verify-full", "no-verify"].includes(mode))
    throw new Error("its sslmode must be disable, verify-full (the same as require), or no-verify");
  const file = (option: string): string | undefined => {
    const path = options.get(option);
    return path === null ? undefined : readFileSync(path, "utf8");
  };
  const [ca, cert, key] = [file("sslrootcert"), file("sslcert"), file("sslkey")];
  return {
    rejectUnauthorized: mode !== "no-verify",
    ...(ca === undefined ? {} : { ca }),
    ...(cert === undefined ? {} : { cert }),
    ...(key === undefined ? {} : { key }),
  };
}

function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    throw new Error(SHAPE);
  }
}
