import { existsSync } from "node:fs";
import { dirname, join } from "node:path";
import { elasticsearchIndex } from "../../src/adapters/searchIndex/elasticsearch/elasticsearchIndex.ts";
import { sqliteSearchIndex } from "../../src/adapters/searchIndex/sqlite/sqliteSearchIndex.ts";
import type { Open } from "../../src/ports/awaitable.ts";
import type { SearchIndex } from "../../src/ports/searchIndex.ts";
import { type Archive, archiveFile, firstLines, madeUp } from "../support/archives.ts";
import { realElasticsearch } from "../support/realElasticsearch.ts";
import { tempDir } from "../support/tempDir.ts";
import { type Corpus, searchIndexContract } from "./searchIndex.contract.ts";

const searchIndexes: { sqlite: () => Promise<Open<SearchIndex>>; elasticsearch?: () => Promise<Open<SearchIndex>> } = {
  sqlite: async () => {
    const folder = await tempDir();
    const index = await sqliteSearchIndex(folder.path);
    const close = async (): Promise<void> => {
      await index.close();
      await folder.remove();
    };
    return { ...index, close };
  },
};

const real = realElasticsearch("the search index contract");
if (real) searchIndexes.elasticsearch = async () => elasticsearchIndex(real.url, { prefix: real.newPrefix() });

/** Lines of an archive that are searched: `SEARCH_LINES`, else a sample. */
const LINES = Number(process.env["SEARCH_LINES"] ?? 4_000);
const QUERIES = Number(process.env["SEARCH_QUERIES"] ?? 100);

/** Made-up lines, and those of every archive that is there. */
async function corpora(): Promise<Corpus[]> {
  const given = archiveFile();
  const beside =
    given === undefined ? [] : ["sms-zh-10k.jsonl.gz", "lean-zulip-100k.jsonl.gz"].map((name) => join(dirname(given), name));
  const files = [...new Set([...(given === undefined ? [] : [given]), ...beside])].filter((file) => existsSync(file));
  const archives = [madeUp(2_000), ...(await Promise.all(files.map((file) => firstLines(file, LINES))))];
  return archives.map(corpusOf);
}

const corpusOf = ({ name, lines }: Archive): Corpus => ({
  name,
  lines: lines.map(({ conversation, sender, text, sentAt, topic }) => ({
    conversation: Buffer.from(conversation).toString("hex").slice(0, 60),
    sender: Buffer.from(sender).toString("hex").slice(0, 60),
    text,
    sentAt: sentAt === null ? 0 : Date.parse(sentAt),
    topic: topic ? topic : null,
  })),
});

searchIndexContract("sqlite", searchIndexes.sqlite, corpora, QUERIES);
if (searchIndexes.elasticsearch) searchIndexContract("elasticsearch", searchIndexes.elasticsearch, corpora, QUERIES);
