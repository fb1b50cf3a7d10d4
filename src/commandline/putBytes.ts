import { request as secure } from "node:https";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { Refusal } from "../domain/refusal.ts";
import type { Incoming } from "../ports/files.ts";
import { request as plain } from "../ports/nodeHttp.ts";

/** So long may nothing move, in milliseconds. */
const IDLE_MS = 60_000;

/**
 * Puts bytes to an address, piece by piece. Rejects with UNAVAILABLE where it may be tried again, BAD_INPUT where the bytes
 * cannot be read, and otherwise with an `Error`.
 */
export async function putBytes({ url, method, headers }: Incoming, size: number, bytes: AsyncIterable<Buffer>): Promise<void> {
  const ask = new URL(url).protocol === "https:" ? secure : plain;
  const given = Object.fromEntries(headers.map(({ name, value }) => [name, value]));
  const sending = ask(url, { method, headers: { ...given, "content-length": size }, timeout: IDLE_MS });
  sending.on("timeout", () => sending.destroy(new Error(`nothing moved for ${IDLE_MS} ms`)));
  const answered = new Promise<{ status: number; said: string }>((resolve, reject) => {
    sending.on("error", reject);
    sending.on("response", (response) => {
      let said = "";
      response.setEncoding("utf8");
      response.on("data", (text: string) => (said = (said + text).slice(0, 500)));
      response.on("end", () => resolve({ status: response.statusCode ?? 0, said }));
      response.on("error", reject);
    });
  });
  let fault: unknown;
  const source = Readable.from(
    (async function* () {
      try {
        yield* bytes;
      } catch (error) {
        // What cannot be read here is not read better another time.
        fault = error;
        throw error;
      }
    })(),
  );
  try {
    // An answer may come before all bytes are sent.
    await Promise.race([answered, pipeline(source, sending).then(() => answered)]);
  } catch (error) {
    answered.catch(() => undefined);
    if (fault !== undefined) throw new Refusal("BAD_INPUT", "they cannot be read to their ends", { cause: fault });
    throw new Refusal("UNAVAILABLE", `the address of a file does not answer: ${(error as Error).message}`);
  }
  const { status, said } = await answered;
  source.destroy();
  if (status >= 200 && status < 300) return;
  if (status === 507) throw new Error("there is no room for the files: make some where the server keeps them, and import again");
  if (status === 409 || status === 429 || status >= 500)
    throw new Refusal("UNAVAILABLE", `the address of a file answered ${status}: ${said}`);
  throw new Error(`the address of a file answered ${status}: ${said}`);
}
