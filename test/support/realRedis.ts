import { randomBytes } from "node:crypto";

export type RealRedis = {
  /** `redis://…` */
  url: string;
  /** For channels and keys that no other test uses. They expire by themselves. */
  newPrefix(): string;
};

/** The Redis that `REDIS_URL` names; undefined, and said aloud, where it names none: `what` then runs without. */
export function realRedis(what: string): RealRedis | undefined {
  const url = process.env["REDIS_URL"];
  if (url !== undefined && url !== "") return { url, newPrefix: () => `test-${randomBytes(6).toString("hex")}` };
  console.warn(`\nNOT RUN AGAINST REDIS: REDIS_URL is not set, and ${what} runs without it\n`);
  return undefined;
}
