import type { Caller } from "../commands/commands.ts";
import { Refusal } from "../domain/refusal.ts";
import { andThen, type Awaitable } from "../ports/awaitable.ts";
import type { Context } from "./context.ts";

/** Runs a command if the caller is registered. */
export function registered<T>(context: Context, command: (context: Context) => Awaitable<T>): Awaitable<T> {
  return andThen(context.rights.next(), () => andThen(context.requireRegistered(), () => command(context)));
}

/** Operators may read without being registered. */
export async function registeredOrAdmin({ caller, requireRegistered }: Context): Promise<void> {
  if (!caller.admin) await requireRegistered();
}

/** Throws FORBIDDEN if the token lacks the scope admin. Call it before the arguments are checked. */
export function requireAdmin({ admin }: Caller): void {
  if (!admin) throw new Refusal("FORBIDDEN", "this needs a token with the scope admin");
}
