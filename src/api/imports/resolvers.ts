import type { Imported } from "../../commands/commands.ts";
import type { Position } from "../../ports/eventStore.ts";
import type { Area } from "../area.ts";
import { requireAdmin } from "../callers.ts";
import { importInput, type ParsedImport } from "./inputs.ts";

/** Archives of other messengers. */
export const imports = {
  Mutation: {
    importMessages: async (_, { input }, { services, caller }) => {
      requireAdmin(caller);
      const parsed = importInput(input);
      return importPayload(parsed, await services.commands.importMessages(caller, parsed.input));
    },
  },
} satisfies Area;

/** Gives every fault its line's place in the call. */
function importPayload({ places, faults }: ParsedImport, { position, stored, alreadyThere, refused }: Imported) {
  const later = refused.map((fault) => ({ ...fault, index: places[fault.index] ?? fault.index }));
  const all = [...faults, ...later].sort((one, other) => one.index - other.index);
  return { cursor: position satisfies Position, stored, alreadyThere, refused: all };
}
