import { z } from "zod";
import { linked, MAX_ATTACHMENTS, messageKind } from "../domain/events.ts";
import { conversationId, uploadId, userId } from "../domain/ids.ts";
import { badInput } from "./badInput.ts";
import { keyed, optional, withUsual } from "./inputs.ts";

const upload = z.object({ uploadId });
const link = linked.extend({ width: optional(linked.shape.width), height: optional(linked.shape.height) });

/** A file at an address of the sender's own, with what stands behind it; or an upload, of which all is known. */
const attachment = z
  .object({
    ...z.object({ url: z.unknown(), name: z.unknown(), mediaType: z.unknown(), size: z.unknown() }).partial().shape,
    ...z.object({ width: z.unknown(), height: z.unknown(), uploadId: z.unknown() }).partial().shape,
  })
  .transform((given, context) => {
    const { uploadId: id, ...rest } = given;
    const also = Object.entries(rest).find(([, value]) => value != null);
    if (id != null && also !== undefined) {
      context.addIssue({ code: "custom", path: [also[0]], message: "an upload's is known: give uploadId alone" });
      return z.NEVER;
    }
    const result = id == null ? link.safeParse(rest) : upload.safeParse({ uploadId: id });
    if (result.success) return result.data;
    for (const issue of result.error.issues) context.addIssue({ ...issue, message: missing(rest, issue) ?? issue.message });
    return z.NEVER;
  });

/** What GraphQL cannot say of an input that is one of two things. */
const missing = (given: Readonly<Record<string, unknown>>, { path }: z.core.$ZodIssue): string | undefined =>
  given[String(path[0])] == null ? "url, name, mediaType and size are needed, or uploadId alone" : undefined;

/** What a message holds and where it goes, in whatever way it is sent. */
export const outgoing = {
  ...keyed,
  conversationId: optional(conversationId),
  userId: optional(userId),
  kind: withUsual(messageKind, "TEXT"),
  // Blank texts count as absent. The message itself checks lengths and what each kind needs.
  topic: optional(z.string()),
  text: optional(z.string()),
  attachments: withUsual(z.array(attachment).max(MAX_ATTACHMENTS).superRefine(eachUploadOnce), []),
};

function eachUploadOnce(attachments: readonly object[], context: z.RefinementCtx): void {
  const ids = attachments.map((given) => ("uploadId" in given ? given.uploadId : undefined));
  for (const [index, id] of ids.entries())
    if (id !== undefined && ids.indexOf(id) < index)
      context.addIssue({ code: "custom", path: [index, "uploadId"], message: "each upload once" });
}

/** Throws BAD_INPUT unless exactly one of the two is given. */
export function requireOneTarget(input: { conversationId: string | null; userId: string | null }): void {
  if ((input.conversationId === null) !== (input.userId === null)) return;
  throw badInput(input.userId === null ? "conversationId" : "userId", "give one of conversationId and userId");
}
