import { createHash } from "node:crypto";
import { Refusal } from "../domain/refusal.ts";
import type { Awaitable } from "../ports/awaitable.ts";
import { byteCache } from "../ports/byteCache.ts";
import type { Executor } from "./execution/execute.ts";
import type { Prepared } from "./execution/operations.ts";
import type { Payer } from "./rateLimit.ts";

/**
 * How a request names its document: by its text, by the `documentId` of GraphQL over HTTP, or by
 * `extensions.persistedQuery.sha256Hash`, as Apollo's clients do. A text with a hash beside it is kept under that hash.
 */
export type DocumentAsked = {
  query?: string | null | undefined;
  documentId?: unknown;
  operationName?: string | null | undefined;
  extensions?: Record<string, unknown> | null | undefined;
};

/** The documents that an operator gives a server. */
export type GivenDocuments = {
  /** Texts by their ids. */
  byId: ReadonlyMap<string, string>;
  /** Whether nothing else is answered, except for callers with the scope admin. */
  only: boolean;
};

export type Documents = {
  /** Whether a request has nothing to do with all this: any text is answered, and it asks for nothing else than a text. */
  isPlain(asked: DocumentAsked): boolean;
  /**
   * The operation that a request asks for: see `KnownOperations`. Throws, or rejects with, a `Refusal` if its document is not
   * known, or not one of those that are answered.
   */
  prepare(asked: DocumentAsked, payer: Payer, isAdmin: boolean): Awaitable<Prepared>;
};

/** The size of all documents that clients sent to be kept. What was asked for longest ago goes first, and is sent again. */
const SENT_BYTES = 16_777_216;
/** The syntax of the specification, with any prefix. */
const DOCUMENT_ID = /^[A-Za-z0-9._~-]{1,256}(?::[A-Za-z0-9._~-]{1,256})?$/;
const SHA256 = "sha256:";

/** What Apollo's and other clients look for, word by word. They then send the text too, or never a hash again. */
const NOT_FOUND = "PersistedQueryNotFound";
const NOT_SUPPORTED = "PersistedQueryNotSupported";

/** A text's hash, as it stands after `sha256:` in a `documentId`. */
export const hashOf = (text: string): string => createHash("sha256").update(text).digest("hex");

/** Finds the documents that requests name, and keeps those that clients send to be kept. */
export function documents({ prepare }: Pick<Executor, "prepare">, given?: GivenDocuments): Documents {
  const { byId = new Map<string, string>(), only = false } = given ?? {};
  const texts = new Set(byId.values());
  const sent = byteCache<string>(SENT_BYTES, (text) => 2 * text.length);

  /** The text, and the hash to keep it under. Throws a `Refusal`. */
  function found({ query, documentId, extensions }: DocumentAsked, isAdmin: boolean): { text: string; keep?: string } {
    const id = idIn(documentId);
    const hash = hashIn(extensions?.["persistedQuery"]) ?? (id?.startsWith(SHA256) ? id.slice(SHA256.length) : undefined);
    const isBound = only && !isAdmin;
    if (typeof query === "string" && query !== "") {
      if (isBound && !texts.has(query)) throw notGiven();
      if (id !== undefined && !id.startsWith(SHA256)) throw inputFault("documentId", "send `query` or `documentId`, not both");
      if (hash === undefined) return { text: query };
      if (hash !== hashOf(query))
        throw inputFault(
          id === undefined ? "extensions.persistedQuery.sha256Hash" : "documentId",
          "the hash is not that of `query`",
        );
      return only || texts.has(query) ? { text: query } : { text: query, keep: hash };
    }
    if (id === undefined && hash === undefined) throw inputFault("query", "`query`, the document's text, is missing");
    const text = byId.get(id ?? hash ?? "") ?? (hash === undefined ? undefined : (byId.get(SHA256 + hash) ?? sent.get(hash)));
    if (text !== undefined) return { text };
    if (isBound) throw notGiven();
    if (id === undefined) throw new Refusal("NOT_FOUND", NOT_FOUND, { field: "extensions.persistedQuery.sha256Hash" });
    throw new Refusal("NOT_FOUND", "no document has this id here: send its text", { field: "documentId" });
  }

  // Nearly all requests.
  const isPlain = ({ documentId, extensions }: DocumentAsked): boolean => !only && documentId === undefined && extensions == null;

  return {
    isPlain,
    prepare(asked, payer, isAdmin) {
      const name = asked.operationName ?? undefined;
      if (asked.query && isPlain(asked)) return prepare(asked.query, name, payer);
      const { text, keep } = found(asked, isAdmin);
      const prepared = prepare(text, name, payer);
      if (keep === undefined) return prepared;
      // Only what is good here is kept.
      const kept = (operation: Prepared): Prepared => {
        if ("id" in operation) sent.set(keep, text);
        return operation;
      };
      return prepared instanceof Promise ? prepared.then(kept) : kept(prepared);
    },
  };
}

/** The same for all that is not given: it does not tell whether there is such a document, or whether it would be a good one. */
const notGiven = (): Refusal =>
  new Refusal("FORBIDDEN", "this server answers only the documents that it was given: send the id of one of them");

const inputFault = (field: string, message: string): Refusal => new Refusal("BAD_INPUT", message, { field });

function idIn(documentId: unknown): string | undefined {
  if (documentId == null || documentId === "") return undefined;
  if (typeof documentId === "string" && DOCUMENT_ID.test(documentId)) return documentId;
  throw inputFault(
    "documentId",
    "`documentId` is sha256: and the hash of the document's text, or an id that the server was given",
  );
}

function hashIn(persisted: unknown): string | undefined {
  if (persisted == null) return undefined;
  const { version, sha256Hash } = persisted as { version?: unknown; sha256Hash?: unknown };
  if (version !== 1) throw inputFault("extensions.persistedQuery.version", NOT_SUPPORTED);
  if (typeof sha256Hash === "string" && DOCUMENT_ID.test(sha256Hash)) return sha256Hash;
  throw inputFault("extensions.persistedQuery.sha256Hash", "`sha256Hash` is the hash of the document's text");
}
