import { randomBytes } from "node:crypto";

export type RealElasticsearch = {
  /** `http://…`. */
  url: string;
  /** For indexes that no other test uses. */
  newPrefix(): string;
};

/** The Elasticsearch that `ELASTICSEARCH_URL` names; undefined, and said aloud, where it names none: `what` then runs without. */
export function realElasticsearch(what: string): RealElasticsearch | undefined {
  const url = process.env["ELASTICSEARCH_URL"];
  if (url !== undefined && url !== "") return { url, newPrefix: () => `test-${randomBytes(6).toString("hex")}` };
  console.warn(`\nNOT RUN AGAINST ELASTICSEARCH: ELASTICSEARCH_URL is not set, and ${what} runs without it\n`);
  return undefined;
}
