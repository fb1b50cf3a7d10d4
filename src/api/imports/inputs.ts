import { z } from "zod";
import type { ImportedLine, ImportFault, ImportInput } from "../../commands/commands.ts";
import { time } from "../../domain/time.ts";
import type * as Api from "../generated.ts";
import { keyed, nameOf, optional, parsed, refusalOf } from "../inputs.ts";

/** The most lines in one import. */
const MAX_LINES = 1_000;

const lines = z.object({ ...keyed, messages: z.array(z.unknown()).min(1).max(MAX_LINES) });
const line = z.object({
  key: nameOf(256),
  conversation: z.string(),
  sender: z.string(),
  sentAt: optional(time),
  text: z.string(),
  topic: optional(z.string()),
});

/** The valid lines, each with its place in the call, and the faults of the others. */
export type ParsedImport = { input: ImportInput; places: number[]; faults: ImportFault[] };

export function importInput(input: Api.ImportInput): ParsedImport {
  const { clientMutationId, messages } = parsed(lines, input);
  const good: ImportedLine[] = [];
  const places: number[] = [];
  const faults: ImportFault[] = [];
  for (const [index, message] of messages.entries()) {
    const result = line.safeParse(message);
    if (result.success) {
      good.push(result.data);
      places.push(index);
    } else {
      faults.push({ index, code: "BAD_INPUT", message: refusalOf(result.error).message });
    }
  }
  return { input: { clientMutationId, messages: good }, places, faults };
}
