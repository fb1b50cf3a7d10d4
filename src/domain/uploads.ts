import { checked } from "./checked.ts";
import { type Decider, unreachable } from "./decider.ts";
import type { Event as AnyEvent, EventData } from "./events.ts";
import { Refusal } from "./refusal.ts";
import { nameText } from "./text.ts";

/** What was found in the bytes of an upload, when they were looked at. */
export type Found = Omit<EventData<"UploadSent">, "userId" | "id" | "messageId">;

/** `sent`: the message that it belongs to, and what was found in it. */
export type Upload = Omit<EventData<"UploadCreated">, "userId" | "id"> & { sent?: Found & { messageId: string } };

/** A user's uploads that are not closed, by id; how many were made on their newest day (YYYY-MM-DD in UTC), and their bytes. */
export type State = { open: Readonly<Record<string, Upload>>; day: { day: string; files: number; bytes: number } };

/** What a user may upload: the bytes of one file; how many may be under way; how many files, and bytes, in a day. */
export type UploadLimits = { size: number; waiting: number; files: number; bytes: number };

export type Command =
  | ({ type: "Create"; limits: UploadLimits } & EventData<"UploadCreated">)
  /** The bytes of a file come from an archive: nothing but `most`, the bytes of one file, is a limit. */
  | ({ type: "Import"; most: number } & EventData<"UploadCreated">)
  /** `at`: now. */
  | ({ type: "Send"; at: string } & EventData<"UploadSent">)
  /** `at`: now. `held`: a message of an archive has it; else nothing is closed that may still be sent. */
  | { type: "Close"; at: string; held?: true; userId: string; id: string };

export type Event = AnyEvent<"UploadCreated" | "UploadSent" | "UploadClosed">;

const DAY_MS = 86_400_000;
const dayOf = (time: string): string => time.slice(0, "YYYY-MM-DD".length);

/**
 * What a user uploads. An upload belongs to the one message that was sent with it first: a second one is a forward of that. So
 * whoever takes a message back knows that nobody sends its files again.
 */
export const decider: Decider<State, Command, Event> = {
  initial: { open: {}, day: { day: "", files: 0, bytes: 0 } },

  evolve(state, event) {
    switch (event.type) {
      case "UploadCreated": {
        const { userId: _, id, ...upload } = event.data;
        if (upload.imported) return { ...state, open: { ...state.open, [id]: upload } };
        const day = dayOf(upload.createdAt);
        const before = state.day.day === day ? state.day : { files: 0, bytes: 0 };
        return {
          open: { ...state.open, [id]: upload },
          day: { day, files: before.files + 1, bytes: before.bytes + upload.size },
        };
      }
      case "UploadSent": {
        const { userId: _, id, ...sent } = event.data;
        const upload = state.open[id];
        return upload ? { ...state, open: { ...state.open, [id]: { ...upload, sent } } } : state;
      }
      case "UploadClosed": {
        const { [event.data.id]: _, ...open } = state.open;
        return { ...state, open };
      }
      default:
        unreachable(event);
        return state;
    }
  },

  decide(state, command) {
    const { userId, id } = command;
    switch (command.type) {
      case "Create":
        return [created(state, command)];
      case "Import":
        return importing(state, command);
      case "Send": {
        const { messageId, at, mediaType, size, width, height, thumbnail } = command;
        if (sendable(state, { id, messageId, at }).sent) return [];
        return [{ type: "UploadSent", data: { userId, id, messageId, mediaType, size, width, height, thumbnail } }];
      }
      case "Close":
        return isToClose(state, command) ? [{ type: "UploadClosed", data: { userId, id } }] : [];
    }
  },
};

/**
 * The upload, where a message may have it. Throws NOT_FOUND if there is none that waits, CONFLICT if another message has it.
 */
export function sendable(state: State, { id, messageId, at }: { id: string; messageId: string; at: string }): Upload {
  const upload = state.open[id];
  if (upload === undefined || upload.keptUntil <= at)
    throw new Refusal("NOT_FOUND", "no such upload of yours waits to be sent: make one with createUpload");
  if (upload.sent !== undefined && upload.sent.messageId !== messageId)
    throw new Refusal("CONFLICT", "this upload was sent with another message: forward that one, or upload the file again");
  return upload;
}

function created(state: State, { limits, ...given }: Extract<Command, { type: "Create" }>): Event {
  const { userId, id, mediaType, size, createdAt, expiresAt, keptUntil } = given;
  const name = nameText(given.name, "name");
  const event = checked("UploadCreated", { userId, id, name, mediaType, size, createdAt, expiresAt, keptUntil });
  if (size < 1) throw new Refusal("BAD_INPUT", "a file has at least one byte", { field: "size" });
  if (size > limits.size) throw new Refusal("LIMIT_EXCEEDED", `a file has at most ${limits.size} bytes`, { field: "size" });
  const waiting = Object.values(state.open).filter((upload) => !upload.sent && !upload.imported && upload.expiresAt > createdAt);
  const [first] = waiting.map((upload) => upload.expiresAt).sort();
  if (waiting.length >= limits.waiting)
    throw new Refusal("LIMIT_EXCEEDED", `at most ${limits.waiting} uploads wait to be sent: send one, or wait`, {
      retryAfterMs: Date.parse(first ?? createdAt) - Date.parse(createdAt),
    });
  const { day, files, bytes } = state.day;
  if (day !== dayOf(createdAt)) return event;
  const untilTomorrow = { retryAfterMs: DAY_MS - (Date.parse(createdAt) % DAY_MS) };
  if (files >= limits.files)
    throw new Refusal("LIMIT_EXCEEDED", `at most ${limits.files} files are uploaded in a day, in UTC`, untilTomorrow);
  if (bytes + size > limits.bytes)
    throw new Refusal("LIMIT_EXCEEDED", `at most ${limits.bytes} bytes are uploaded in a day, in UTC`, untilTomorrow);
  return event;
}

/**
 * Nothing where it is open already. One whose time is over is about to be closed, and what nobody holds of it is removed then:
 * not before that does it begin again.
 */
function importing(state: State, { most, ...given }: Extract<Command, { type: "Import" }>): Event[] {
  const { type: _, ...data } = given;
  const event = checked("UploadCreated", { ...data, name: nameText(data.name, "name"), imported: true });
  if (data.size < 1) throw new Refusal("BAD_INPUT", "a file has at least one byte", { field: "size" });
  if (data.size > most) throw new Refusal("LIMIT_EXCEEDED", `a file has at most ${most} bytes`, { field: "size" });
  const open = state.open[data.id];
  if (open === undefined) return [event];
  if (open.size !== data.size)
    throw new Refusal("CONFLICT", `a file with this id and ${open.size} bytes is just coming`, { field: "uploadId" });
  if (open.keptUntil <= data.createdAt)
    throw new Refusal("UNAVAILABLE", "what came of this file before is just being removed", { retryAfterMs: 5_000 });
  return [];
}

/** Whether an upload is open, and its time is over; or a message of an archive has it. */
export function isToClose(state: State, { id, at, held }: Omit<Extract<Command, { type: "Close" }>, "type">): boolean {
  const open = state.open[id];
  return open !== undefined && (held ? open.imported === true : open.keptUntil <= at);
}
