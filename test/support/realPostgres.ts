import { randomBytes } from "node:crypto";
import { schemaPrefix } from "./schemas.ts";

export type RealPostgres = {
  /** `postgres://…` */
  url: string;
  /** For tables that no other test uses. They are removed after all tests. */
  newSchema(): string;
};

/** The PostgreSQL that `DATABASE_URL` names; undefined, and said aloud, where it names none: `what` then runs without. */
export function realPostgres(what: string): RealPostgres | undefined {
  const url = process.env["DATABASE_URL"];
  if (url !== undefined && url !== "") return { url, newSchema: () => schemaPrefix() + randomBytes(6).toString("hex") };
  console.warn(`\nNOT RUN AGAINST POSTGRESQL: DATABASE_URL is not set, and ${what} runs without it\n`);
  return undefined;
}
