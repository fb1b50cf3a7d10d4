import { isDeepStrictEqual } from "node:util";
import pLimit from "p-limit";
import { decider as annotation } from "../domain/annotation.ts";
import { parseUploadId, streams, uploadIdOf } from "../domain/ids.ts";
import { hasPictures, typeOf } from "../domain/mediaTypes.ts";
import { Refusal } from "../domain/refusal.ts";
import { decider as schedule } from "../domain/schedule.ts";
import { decider, type Found, isToClose, sendable, type State, type Upload } from "../domain/uploads.ts";
import { files } from "../../projections/files.ts";
import { Unavailable } from "../ports/faults.ts";
import { type FileStore, type Inspector, THUMBNAIL_TYPE } from "../ports/files.ts";
import { viewsAt } from "./authorise.ts";
import { type Attachment, isUpload } from "./attachments.ts";
import type { Caller, Commands, Done, FileSteps, OutgoingAttachment } from "./commands.ts";
import type { Stamp } from "./append.ts";
import { type CommandContext, stamp } from "./context.ts";
import { eventId } from "./eventId.ts";
import { IMPORT } from "./imports.ts";
import { unavailable } from "./refusals.ts";

/** Where files are kept, and what a user may upload. Times are in milliseconds. */
export type UploadOptions = {
  store: FileStore;
  inspector: Inspector;
  limits: { size: number; waiting: number; files: number; bytes: number };
  /** How long the bytes may take to come. */
  arriveMs: number;
  /** How long an upload may wait to be sent. */
  keptMs: number;
};

/** The actor of what is done with files that nothing holds. It is no user id. */
const FILES = "~files";

/** So much of a file says what it is. */
const HEAD_BYTES = 65_536;
/** So much of a picture is looked at; a larger one has no thumbnail. */
const PICTURE_BYTES = 33_554_432;
/** So many files are looked at at the same time, each with as many bytes in memory; so many more may wait. */
const AT_ONCE = 2;
const WAITING = 200;
/** The type of bytes that mean nothing. */
const BYTES = "application/octet-stream";

/**
 * Gives uploads to the message with this id. Done once: again, and for the same message, they are the same. `looked`: called with
 * what they are before any of them is given to it. If it rejects, none is.
 */
export type Attach = (
  caller: Caller,
  attachments: readonly OutgoingAttachment[],
  messageId: string,
  looked?: (attachments: Attachment[]) => Promise<void>,
) => Promise<Attachment[]>;

/** Thrown, and caught again, once uploads were looked at. */
const LOOKED = new Error("the uploads were looked at");

/** What is found in the bytes of a file that was taken. `wrong`: why nobody may send it. */
async function foundIn(
  { store, inspector }: UploadOptions,
  id: string,
  { mediaType: said, size }: Pick<Upload, "mediaType" | "size">,
): Promise<{ found: Found; wrong?: Refusal }> {
  const head = await inspector.look(await store.read(id, HEAD_BYTES), false);
  const mediaType = typeOf(said, head.mediaType);
  const found = { mediaType: mediaType ?? BYTES, size, width: null, height: null, thumbnail: null };
  if (mediaType === undefined) {
    const content = head.mediaType ?? "its content says nothing of the kind";
    return { found, wrong: new Refusal("BAD_INPUT", `the upload is not what it was said to be (${said}): ${content}`) };
  }
  if (!hasPictures(mediaType)) return { found };
  const { picture, isTooLarge, isUnmeasured } = await inspector.look(await store.read(id, PICTURE_BYTES), true);
  if (isTooLarge)
    return {
      found,
      wrong: new Refusal("LIMIT_EXCEEDED", "the picture has too many pixels: make it smaller, and upload it again"),
    };
  if (isUnmeasured) return { found };
  // What cannot be drawn is no picture to anyone.
  if (picture === undefined) return { found: { ...found, mediaType: BYTES } };
  const { width, height, thumbnail } = picture;
  // Of a larger one only the beginning was drawn.
  if (thumbnail === undefined || size > PICTURE_BYTES) return { found: { ...found, width, height } };
  await store.putThumbnail(id, thumbnail.bytes, THUMBNAIL_TYPE);
  return { found: { ...found, width, height, thumbnail: { width: thumbnail.width, height: thumbnail.height } } };
}

export function attaching(context: CommandContext): Attach {
  const { handle, now, uploads: options } = context;
  const looking = pLimit(AT_ONCE);

  /** Throws where an upload has not come, or is not what it was said to be. */
  const inspected = async (kept: UploadOptions, id: string, upload: Upload): Promise<Found> => {
    const size = await kept.store.take(id);
    if (size === undefined)
      throw new Refusal("CONFLICT", "the upload has not come: put all its bytes to its address first, then send it");
    if (size !== upload.size)
      throw new Refusal("BAD_INPUT", `the upload has ${size} bytes, and was to have ${upload.size}: upload it again`);
    const { found, wrong } = await foundIn(kept, id, upload);
    if (wrong) throw wrong;
    return found;
  };

  const ownId = (caller: Caller, uploadId: string): string => {
    const ref = parseUploadId(uploadId);
    if (ref?.user !== caller.userId)
      throw new Refusal("NOT_FOUND", "no such upload of yours waits to be sent: make one with createUpload");
    return ref.id;
  };

  const look = (kept: UploadOptions, id: string, upload: Upload): Promise<Found> => {
    if (looking.pendingCount > WAITING)
      throw new Refusal("RATE_LIMITED", "too many files are looked at just now", { retryAfterMs: 1_000 });
    return telling(() => looking(() => inspected(kept, id, upload)));
  };

  return async (caller, attachments, messageId, looked) => {
    const { userId } = caller;
    const found = new Map<string, Found>();
    /** All are looked at before the first is given to the message: a message that is refused takes none of them. */
    const lookAtAll = async (kept: UploadOptions, before: State, at: string): Promise<void> => {
      for (const [index, attachment] of attachments.entries())
        if (isUpload(attachment))
          await naming(index, async () => {
            const id = ownId(caller, attachment.uploadId);
            const upload = sendable(before, { id, messageId, at });
            if (upload.sent === undefined && !found.has(id)) found.set(id, await look(kept, id, upload));
          });
    };

    const attachmentOf = (uploadId: string, name: string, what: Found): Attachment => {
      const { mediaType, size, width, height, thumbnail } = what;
      return { file: { id: uploadId, thumbnail }, name, mediaType, size, width, height };
    };

    /** What the message will hold. Nothing is given to it by that, and what was found is not looked for again. */
    const seen = async (kept: UploadOptions): Promise<Attachment[]> => {
      const at = now().toISOString();
      let all: Attachment[] = [];
      const looking = handle({
        ...stamp(context, caller, { clientMutationId: `${messageId}/look` }),
        stream: streams.uploads(userId),
        decider,
        commandOf: async (state) => {
          await lookAtAll(kept, state, at);
          all = attachments.map((attachment) => {
            if (!isUpload(attachment)) return attachment;
            const { uploadId } = attachment;
            const id = ownId(caller, uploadId);
            const { sent, name } = sendable(state, { id, messageId, at });
            const what = sent ?? found.get(id);
            if (what === undefined) throw new Error(`the upload ${uploadId} was not looked at`);
            return attachmentOf(uploadId, name, what);
          });
          throw LOOKED;
        },
      });
      await looking.catch((error: unknown) => {
        if (error !== LOOKED) throw error;
      });
      return all;
    };

    const attach = async (uploadId: string): Promise<Attachment> => {
      const id = ownId(caller, uploadId);
      if (options === undefined) throw noFiles();
      const at = now().toISOString();
      const { state } = await handle({
        ...stamp(context, caller, { clientMutationId: `${messageId}/${id}` }),
        stream: streams.uploads(userId),
        decider,
        commandOf: async (before) => {
          await lookAtAll(options, before, at);
          const what = sendable(before, { id, messageId, at }).sent ?? found.get(id);
          if (what === undefined) throw new Error(`the upload ${uploadId} was not looked at`);
          const { mediaType, size, width, height, thumbnail } = what;
          return { type: "Send" as const, at, userId, id, messageId, mediaType, size, width, height, thumbnail };
        },
      });
      // Also where it was given to the message before: nobody knows how long ago.
      const { sent, name } = sendable(state, { id, messageId, at });
      if (sent === undefined) throw new Error(`the upload ${uploadId} was not sent`);
      return attachmentOf(uploadId, name, sent);
    };

    if (looked && options) await looked(await seen(options));
    const attached: Attachment[] = [];
    for (const [index, attachment] of attachments.entries())
      attached.push(isUpload(attachment) ? await naming(index, () => attach(attachment.uploadId)) : attachment);
    return attached;
  };
}

/** Says which attachment a refusal is about. */
async function naming<T>(index: number, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof Refusal) || error.field !== undefined || error.code === "UNAVAILABLE") throw error;
    const { code, message, retryAfterMs, cause } = error;
    const when = retryAfterMs === undefined ? {} : { retryAfterMs };
    throw new Refusal(code, message, { field: `attachments.${index}.uploadId`, cause, ...when });
  }
}

/** What a user uploads, and what becomes of files that no message holds. */
export function uploadCommands(context: CommandContext): Pick<Commands, "createUpload"> & FileSteps {
  const { handle, fresh, log, now, uploads: options, views, watermark, blocked } = context;

  /** Removes what no message and nothing that waits for its time holds, by all that is in the log by now. */
  const removeUnheld = async (fileIds: readonly string[]): Promise<void> => {
    if (options === undefined) throw noFiles();
    await viewsAt(watermark, await log.end());
    for (const fileId of fileIds) {
      const id = parseUploadId(fileId)?.id;
      if (id === undefined || (await views.files.isHeld(fileId, now().toISOString()))) continue;
      // A message that is not in the rows may hold it, in whatever conversation.
      if (blocked.isAnyBlocked(files.name)) throw unavailable(new Unavailable("messages may hold files that are not known"));
      await telling(() => options.store.remove(id));
    }
  };
  /** A step that nobody asked for, done once by whoever takes it how often. */
  const step = (clientMutationId: string) => ({
    actorId: FILES,
    clientMutationId,
    at: now().toISOString(),
    correlationId: clientMutationId,
  });

  return {
    createUpload: async (caller, { clientMutationId, name, mediaType, size }) => {
      await fresh(() => context.registered.require(caller.userId));
      if (options === undefined) throw noFiles();
      const { limits, arriveMs, keptMs } = options;
      const { userId } = caller;
      const stream = streams.uploads(userId);
      const id = eventId(stream, userId, clientMutationId, 0);
      const by = stamp(context, caller, { clientMutationId });
      const createdAt = Date.parse(by.at);
      const later = (ms: number): string => new Date(createdAt + ms).toISOString();
      const times = { createdAt: by.at, expiresAt: later(arriveMs), keptUntil: later(Math.max(arriveMs, keptMs)) };
      const command = { type: "Create", userId, id, name, mediaType, size, ...times, limits } as const;
      const { position, events } = await handle({
        ...by,
        stream,
        decider,
        command,
        isSame: ([event]) => {
          if (event?.type !== "UploadCreated") return false;
          const asked = decider.decide(decider.initial, { ...command, limits: NO_LIMITS })[0];
          return asked?.type === "UploadCreated" && isDeepStrictEqual({ ...event.data, ...times }, asked.data);
        },
      });
      const [created] = events;
      if (created?.type !== "UploadCreated") throw new Error(`${stream} has no upload ${id}`);
      return { position, upload: { ...created.data, id: uploadIdOf(userId, id), key: id } };
    },

    closeUpload: async ({ user: userId, id }) => {
      const at = now().toISOString();
      const close = { userId, id, at };
      const { position } = await handle({
        // An import may open it once more, and then it is closed once more.
        ...step(`${id}/close/${at}`),
        stream: streams.uploads(userId),
        decider,
        commandOf: async (state) => {
          if (isToClose(state, close)) {
            await removeUnheld([uploadIdOf(userId, id)]);
            // An address to write may have been used once more.
            await telling(async () => options?.store.discard(id));
          }
          return { type: "Close" as const, ...close };
        },
      });
      return { position };
    },

    releaseFiles: async ({ files, message, scheduled }): Promise<Done> => {
      await removeUnheld(files);
      if (message !== undefined) {
        const { conversationId, seq } = message;
        const { position } = await handle({
          ...step("release"),
          stream: streams.annotation(conversationId, seq),
          decider: annotation,
          command: { type: "ReleaseFiles", conversationId, seq },
        });
        return { position };
      }
      const { userId, id } = scheduled;
      const { position } = await handle({
        ...step(`${id}/release`),
        stream: streams.schedule(userId),
        decider: schedule,
        command: { type: "ReleaseFiles", userId, id },
      });
      return { position };
    },
  };
}

/** Whoever made an upload once made it, whatever the limits are now. */
const NO_LIMITS = { size: Infinity, waiting: Infinity, files: Infinity, bytes: Infinity };

/** Nothing says where files are kept. */
export const noFiles = (): Refusal =>
  new Refusal("UNAVAILABLE", "this server keeps no files: it needs FILES_URL, so give an address of your own");

/** Turns the fault of a store that is away into a refusal. */
async function telling<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw error instanceof Unavailable ? unavailable(error) : error;
  }
}

/** What takes the files of an archive. */
export type FileImport = Pick<Commands, "importFile"> & {
  /** A file of a message as the message holds it. Throws BAD_INPUT where its bytes have not come. */
  attached(file: { file: string } & Pick<Attachment, "name" | "mediaType" | "size">): Promise<Attachment>;
  /** A message that holds it is in the log. */
  held(fileId: string): Promise<void>;
};

/**
 * Takes the bytes of files that messages of an archive hold. As long as no message is there, an event says that they may come: so
 * they are removed, like those of an upload, where an import ends in between.
 */
export function fileImport(context: CommandContext): FileImport {
  const { handle, log, now, uploads: options, views, watermark } = context;
  const looking = pLimit(AT_ONCE);
  const stampAt = (id: string, at: string, what: string): Stamp => ({
    actorId: IMPORT,
    clientMutationId: `${id}/${what}/${at}`,
    at,
  });
  const isHeldNow = async (fileId: string): Promise<boolean> => {
    await viewsAt(watermark, await log.end());
    return views.files.isHeld(fileId, now().toISOString());
  };
  const refOf = (fileId: string): { user: string; id: string } => {
    const ref = parseUploadId(fileId);
    if (ref === undefined) throw new Refusal("BAD_INPUT", "a file's id is u:<user>:<UUID>", { field: "uploadId" });
    return ref;
  };

  return {
    importFile: async (caller, { uploadId, conversationId, messageId, name, mediaType, size }) => {
      if (!caller.admin) throw new Refusal("FORBIDDEN", "an import needs a token with the scope admin");
      // Nothing to wait for.
      if (options === undefined) throw new Refusal("NOT_FOUND", "this server keeps no files: it needs FILES_URL");
      const { user: userId, id } = refOf(uploadId);
      const { limits, arriveMs } = options;
      const at = now();
      const createdAt = at.toISOString();
      const until = new Date(at.getTime() + arriveMs).toISOString();
      const data = { userId, id, name, mediaType, size, createdAt, expiresAt: until, keptUntil: until };
      const [seq] = await views.timelines.seqsOfEvents(conversationId, [messageId]);
      if (seq !== undefined) return { position: log.origin, upload: null };
      const before = await telling(() => options.store.take(id));
      const { position, state } = await handle({
        ...stampAt(id, createdAt, "import"),
        stream: streams.uploads(userId),
        decider,
        commandOf: async (open) => {
          // What is kept by the same UUID, and is nobody's by this id, is another's file: to close it would remove that.
          if (before !== undefined && open.open[id] === undefined && !(await isHeldNow(uploadId)))
            throw new Refusal("CONFLICT", "there is a file of another user with this id", { field: "uploadId" });
          return { type: "Import" as const, most: limits.size, ...data };
        },
      });
      const taken = before ?? (await telling(() => options.store.take(id)));
      if (taken === size) return { position, upload: null };
      if (taken !== undefined)
        throw new Refusal("CONFLICT", `there is another file with this id, of ${taken} bytes`, { field: "uploadId" });
      const expiresAt = state.open[id]?.expiresAt ?? until;
      return { position, upload: { ...data, expiresAt, id: uploadId, key: id } };
    },

    attached: async ({ file: fileId, name, mediaType: said, size }) => {
      if (options === undefined) throw noFiles();
      const { id } = refOf(fileId);
      return telling(() =>
        looking(async () => {
          if ((await options.store.take(id)) !== size)
            throw new Refusal("BAD_INPUT", "the bytes of its file have not come: import its archive again", {
              field: "attachments",
            });
          // What is not what it was said to be is bytes without a meaning: nobody can upload it again.
          const { mediaType, width, height, thumbnail } = (await foundIn(options, id, { mediaType: said, size })).found;
          return { file: { id: fileId, thumbnail }, name, mediaType, size, width, height };
        }),
      );
    },

    held: async (fileId) => {
      const { user: userId, id } = refOf(fileId);
      const at = now().toISOString();
      const close = { userId, id, at, held: true } as const;
      await handle({
        ...stampAt(id, at, "held"),
        stream: streams.uploads(userId),
        decider,
        commandOf: async (state) => {
          // The bytes may have been put once more, by whoever did not know that they had come.
          if (isToClose(state, close)) await telling(async () => options?.store.discard(id));
          return { type: "Close" as const, ...close };
        },
      });
    },
  };
}
