import { z } from "zod";
import type { ImportedLine, ImportFactsInput, ImportFault, ImportFileInput, ImportInput } from "../../commands/commands.ts";
import { type Fact, readFact } from "../../domain/archive.ts";
import { fileOf } from "../../domain/events.ts";
import { conversationId, uploadId } from "../../domain/ids.ts";
import { time } from "../../domain/time.ts";
import type * as Api from "../generated.ts";
import { keyed, nameOf, optional, parsed, refusalOf } from "../inputs.ts";

/** The most lines in one import. */
const MAX_LINES = 1_000;

const lines = z.object({ ...keyed, messages: z.array(z.unknown()).min(1).max(MAX_LINES) });
const factLines = z.object({ ...keyed, lines: z.array(z.string()).min(1).max(MAX_LINES) });
const line = z.object({
  key: nameOf(256),
  conversation: z.string(),
  sender: z.string(),
  sentAt: optional(time),
  text: z.string(),
  topic: optional(z.string()),
});

const file = z.object({ ...keyed, uploadId, conversationId, messageId: z.uuid().toLowerCase(), ...fileOf });

/** The valid lines, each with its place in the call, and the faults of the others. */
export type Parsed<Input> = { input: Input; places: number[]; faults: ImportFault[] };

export function importInput(input: Api.ImportInput): Parsed<ImportInput> {
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

export function importFactsInput(input: Api.ImportFactsInput): Parsed<ImportFactsInput> {
  const { clientMutationId, lines: texts } = parsed(factLines, input);
  const facts: Fact[] = [];
  const places: number[] = [];
  const faults: ImportFault[] = [];
  for (const [index, text] of texts.entries()) {
    const result = factIn(text);
    if ("fact" in result) {
      facts.push(result.fact);
      places.push(index);
    } else {
      faults.push({ index, code: "BAD_INPUT", message: result.fault });
    }
  }
  return { input: { clientMutationId, facts }, places, faults };
}

export const importFileInput = (input: Api.ImportFileInput): ImportFileInput => parsed(file, input);

function factIn(text: string): ReturnType<typeof readFact> {
  try {
    return readFact(JSON.parse(text));
  } catch {
    return { fault: "not JSON" };
  }
}
