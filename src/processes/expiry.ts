import type { ExpiringRef, ExpiryReads } from "../../projections/expiries.ts";
import type { ExpirySteps } from "../commands/commands.ts";
import { messageIdOf } from "../domain/ids.ts";
import type { DueWork } from "./dueProcess.ts";

export type ExpiryOptions = { expiries: ExpiryReads; commands: ExpirySteps };

/** Lets messages expire whose time is over. One that was recalled meanwhile is left as it is. */
export function expiry({ expiries, commands }: ExpiryOptions): DueWork<ExpiringRef> {
  return {
    name: "expiry",
    due: expiries.due,
    turnOf: ({ conversation, seq }) => messageIdOf(conversation, seq),
    act: async (message) => (await commands.expireMessage(message)).position,
  };
}
