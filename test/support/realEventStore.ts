import { randomBytes } from "node:crypto";

export type RealEventStore = {
  /** `esdb://…`, of one node or a cluster. */
  url: string;
  /** For the streams of a log that no other test uses. */
  newPrefix(): string;
};

/** The EventStoreDB that `EVENTSTORE_URL` names; undefined, and said aloud, where it names none: `what` then runs without. */
export function realEventStore(what: string): RealEventStore | undefined {
  const url = process.env["EVENTSTORE_URL"];
  if (url !== undefined && url !== "") return { url, newPrefix: () => `test-${randomBytes(6).toString("hex")}` };
  console.warn(`\nNOT RUN AGAINST EVENTSTOREDB: EVENTSTORE_URL is not set, and ${what} runs without it\n`);
  return undefined;
}
