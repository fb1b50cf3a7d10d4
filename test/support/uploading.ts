import type { Upload } from "./answers.ts";
import type { Client } from "./client.ts";

/** Puts bytes to the address of an upload, as it says. */
export const put = ({ url, method, headers }: Upload, bytes: Buffer | string): Promise<Response> =>
  fetch(url, {
    method,
    headers: Object.fromEntries(headers.map(({ name, value }) => [name, value])),
    body: new Uint8Array(Buffer.from(bytes)),
  });

/** An upload whose bytes have come. */
export async function uploaded(client: Client, bytes: Buffer | string, more: { name?: string; mediaType?: string } = {}) {
  const size = Buffer.byteLength(bytes);
  const given = { name: "a.png", mediaType: "image/png", ...more };
  const { upload } = await client.act("createUpload", { ...given, size });
  const answer = await put(upload, bytes);
  if (!answer.ok) throw new Error(`it was answered with ${answer.status}: ${await answer.text()}`);
  return upload;
}

export type FileShown = {
  url: string;
  name: string;
  mediaType: string;
  size: number;
  width: number | null;
  height: number | null;
  thumbnailUrl: string | null;
  expiresAt: string | null;
};

const FIELDS = "attachments { url name mediaType size width height thumbnailUrl expiresAt }";

/** The files of a message, as somebody is shown them now. */
export async function filesOf(client: Client, conversation: string, seq: number): Promise<FileShown[] | undefined> {
  const { conversation: found } = await client.ask<{ conversation: { message: { attachments: FileShown[] } | null } | null }>(
    `query ($id: ID!, $seq: Int!) { conversation(id: $id) { message(seq: $seq) { ${FIELDS} } } }`,
    { id: conversation, seq },
  );
  return found?.message?.attachments;
}
