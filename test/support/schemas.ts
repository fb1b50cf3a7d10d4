import { randomBytes } from "node:crypto";
import { Client } from "pg";

/** All tests of one run get it: the schemas that they make begin with it. */
const RUN = "TIDINGS_TEST_RUN";

export const schemaPrefix = (): string => `t_${process.env[RUN] ?? "alone"}_`;

const urlOf = (): string => process.env["DATABASE_URL"] ?? "";

/** Before all tests: the processes that run them inherit it. */
export function setup(): void {
  process.env[RUN] ??= randomBytes(4).toString("hex");
}

/** After all tests, also where some of them failed: removes the schemas that they made. */
export async function teardown(): Promise<void> {
  if (urlOf() === "") return;
  const client = new Client({ connectionString: urlOf() });
  await client.connect();
  try {
    const { rows } = await client.query<{ name: string }>(
      "SELECT nspname AS name FROM pg_namespace WHERE starts_with(nspname, $1)",
      [schemaPrefix()],
    );
    for (const { name } of rows) await client.query(`DROP SCHEMA "${name}" CASCADE`);
  } finally {
    await client.end();
  }
}
