import type { Caller } from "../commands/commands.ts";
import { Refusal } from "../domain/refusal.ts";
import type { Awaitable } from "../ports/awaitable.ts";
import { andThen } from "./awaiting.ts";
import type { Context } from "./context.ts";

/** Does something for a caller who is registered. */
export function registered<T>(context: Context, command: (context: Context) => Awaitable<T>): Awaitable<T> {
  return andThen(context.requireRegistered(), () => command(context));
}

/** Operators read without being registered. */
export async function registeredOrAdmin({ caller, requireRegistered }: Context): Promise<void> {
  if (!caller.admin) await requireRegistered();
}

/** Throws FORBIDDEN where a token lacks the scope: before anything that was given is looked at. */
export function requireAdmin({ admin }: Caller): void {
  if (!admin) throw new Refusal("FORBIDDEN", "this needs a token with the scope admin");
}
