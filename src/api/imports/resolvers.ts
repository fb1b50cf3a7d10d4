import type { Imported } from "../../commands/commands.ts";
import type { Position } from "../../ports/eventStore.ts";
import type { Area } from "../area.ts";
import { requireAdmin } from "../callers.ts";
import { importFactsInput, importFileInput, importInput, type Parsed } from "./inputs.ts";

/** Archives: of other messengers, and of Tidings. */
export const imports = {
  Mutation: {
    importMessages: async (_, { input }, { services, caller }) => {
      requireAdmin(caller);
      const parsed = importInput(input);
      return importPayload(parsed, await services.commands.importMessages(caller, parsed.input));
    },
    importFacts: async (_, { input }, { services, caller }) => {
      requireAdmin(caller);
      const parsed = importFactsInput(input);
      return importPayload(parsed, await services.commands.importFacts(caller, parsed.input));
    },
    importFile: async (_, { input }, { services, caller }) => {
      requireAdmin(caller);
      const { position, upload } = await services.commands.importFile(caller, importFileInput(input));
      return { cursor: position, upload };
    },
  },
} satisfies Area;

/** Gives every fault its line's place in the call. */
function importPayload<Outcome extends Imported>(
  { places, faults }: Parsed<unknown>,
  { position, refused, ...outcome }: Outcome,
) {
  const later = refused.map((fault) => ({ ...fault, index: places[fault.index] ?? fault.index }));
  const all = [...faults, ...later].sort((one, other) => one.index - other.index);
  return { ...outcome, cursor: position satisfies Position, refused: all };
}
