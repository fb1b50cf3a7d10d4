import { parseUploadId } from "../../domain/ids.ts";
import { servedAs } from "../../domain/mediaTypes.ts";
import type { Awaitable } from "../../ports/awaitable.ts";
import { type FilePart, type Incoming, THUMBNAIL_TYPE } from "../../ports/files.ts";
import type { Area } from "../area.ts";
import { registered } from "../callers.ts";
import type { Context } from "../context.ts";
import type { AttachmentEntity, UploadEntity } from "../entities.ts";
import { createUploadInput } from "./inputs.ts";

/** Files that are uploaded. Who is shown a message is given addresses of its files. */
export const files = {
  Mutation: {
    createUpload: (_, { input }, context) =>
      registered(context, async ({ services, caller }) => {
        const { position, upload } = await services.commands.createUpload(caller, createUploadInput(input));
        return { cursor: position, upload };
      }),
  },

  Upload: {
    url: async (upload, _, context) => (await incomingOf(context, upload)).url,
    method: async (upload, _, context) => (await incomingOf(context, upload)).method,
    headers: async (upload, _, context) => [...(await incomingOf(context, upload)).headers],
  },

  Attachment: {
    url: (attachment, _, context) => attachment.url ?? addressOf(context, attachment, "file"),
    thumbnailUrl: (attachment, _, context) => (attachment.file?.thumbnail ? addressOf(context, attachment, "thumbnail") : null),
    expiresAt: ({ file }, _, context) => (file ? new Date(untilOf(context)).toISOString() : null),
  },
} satisfies Area;

function incomingOf({ services, request }: Context, upload: UploadEntity): Awaitable<Incoming> {
  const { key: id, size, expiresAt } = upload;
  if (services.files === undefined) throw new Error("an upload was created, and no files are kept");
  return (upload.incoming ??= services.files.store.incoming({ id, size, expiresAt: Date.parse(expiresAt) }, request.origin));
}

/** So many characters of a name are in an address: of any language, it is no longer than the schema says. */
const NAME_CHARACTERS = 60;

/** What a browser calls a file that it keeps. A long name keeps its ending. */
function savedAs(name: string): string {
  const characters = [...name];
  if (characters.length <= NAME_CHARACTERS) return name;
  const [ending = ""] = /\.[^.]{1,10}$/u.exec(name) ?? [];
  return characters.slice(0, NAME_CHARACTERS - [...ending].length).join("") + ending;
}

const HOUR_MS = 3_600_000;

/** Half of the time at least. It is the same for a while, so that browsers know a file again. */
function untilOf({ services }: Context): number {
  const step = (services.files?.addressMs ?? HOUR_MS) / 2;
  return (Math.floor(services.now().getTime() / step) + 2) * step;
}

/** Where there is no store, an address that leads nowhere: what else there is of the message is shown. */
function addressOf(context: Context, { file, name, mediaType }: AttachmentEntity, part: FilePart): Awaitable<string> {
  const id = parseUploadId(file?.id ?? "")?.id ?? "";
  const { services, request } = context;
  if (services.files === undefined) return `https://files.invalid/${id}`;
  const type = part === "thumbnail" ? THUMBNAIL_TYPE : servedAs(mediaType);
  return services.files.store.address(
    { id, part, name: savedAs(name), mediaType: type, until: untilOf(context) },
    request.origin,
  );
}
