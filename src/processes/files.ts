import type { FileReads, FileWork } from "../../projections/files.ts";
import type { FileSteps } from "../commands/commands.ts";
import { messageIdOf, scheduleIdOf, uploadIdOf } from "../domain/ids.ts";
import type { DueWork } from "./dueProcess.ts";

export type UnheldFilesOptions = { files: Pick<FileReads, "due">; commands: FileSteps };

/**
 * Removes files that no message holds any more: uploads that were never sent, and what messages held that were recalled or have
 * expired. What a forwarded message holds stays.
 */
export function unheldFiles({ files, commands }: UnheldFilesOptions): DueWork<FileWork> {
  return {
    name: "files",
    due: files.due,
    turnOf: (work) => {
      if ("upload" in work) return uploadIdOf(work.upload.user, work.upload.id);
      return "seq" in work ? messageIdOf(work.conversation, work.seq) : scheduleIdOf(work.user, work.scheduled);
    },
    act: async (work) => {
      if ("upload" in work) return (await commands.closeUpload(work.upload)).position;
      const { files: released } = work;
      if ("seq" in work) {
        const message = { conversationId: work.conversation, seq: work.seq };
        return (await commands.releaseFiles({ files: released, message })).position;
      }
      const scheduled = { userId: work.user, id: work.scheduled };
      return (await commands.releaseFiles({ files: released, scheduled })).position;
    },
  };
}
