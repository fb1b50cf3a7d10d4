import type { Ask } from "./asking.ts";
import { pauseOf } from "./connection.ts";
import { asClientError, clientError, mayPass } from "./errors.ts";
import { newId } from "./ids.ts";
import { CreateUpload } from "./operations.ts";
import type { ClientError, UploadOptions } from "./types.ts";

const TRIES = 4;
/** Where nobody knows what it is. */
const BYTES = "application/octet-stream";
const MEDIA_TYPE = /^[\w.+-]+\/[\w.+-]+$/;

/** What a store of files says of bytes that it does not take. What is not here is tried again. */
const faultOf = (status: number): ClientError => {
  if (status === 507) return clientError("LIMIT_EXCEEDED", "the server has no room for the file");
  if (status >= 500 || status === 408 || status === 409 || status === 429) return clientError("NETWORK", `HTTP ${status}`);
  return clientError("BAD_INPUT", `the file was not taken: HTTP ${status}`);
};

/**
 * Puts a file where the server says. Resolves to what an attachment names it by. What the network is at fault for is tried
 * again, a few times; the same call is the same upload.
 */
export async function upload(
  ask: Ask,
  fetches: typeof fetch,
  file: Blob,
  { name = nameOf(file), mediaType = file.type, signal }: UploadOptions,
): Promise<{ uploadId: string }> {
  const type = mediaType.split(";", 1)[0]?.trim() ?? "";
  const input = { clientMutationId: newId(), name, mediaType: MEDIA_TYPE.test(type) ? type : BYTES, size: file.size };
  for (let attempt = 1; ; attempt++) {
    try {
      signal?.throwIfAborted();
      const answer = await ask(CreateUpload, { input });
      if (!answer.createUpload) throw clientError("INTERNAL", "the server gave no address");
      const { id, url, method, headers } = answer.createUpload.upload;
      const response = await fetches(url, {
        method,
        headers: Object.fromEntries(headers.map((header) => [header.name, header.value])),
        body: file,
        credentials: "omit",
        referrerPolicy: "no-referrer",
        ...(signal === undefined ? {} : { signal }),
      });
      await response.arrayBuffer();
      if (!response.ok) throw faultOf(response.status);
      return { uploadId: id };
    } catch (thrown) {
      const error = asClientError(thrown);
      if (signal?.aborted || !mayPass(error) || attempt === TRIES) throw error;
      const ms = Math.max(error.retryAfterMs ?? 0, pauseOf(attempt - 1, Math.random));
      await new Promise((resolve) => setTimeout(resolve, ms));
    }
  }
}

/** A file of a browser has a name. */
const nameOf = (file: Blob): string => ("name" in file && typeof file.name === "string" && file.name !== "" ? file.name : "file");
