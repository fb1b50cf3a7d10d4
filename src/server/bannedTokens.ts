import type { Banned } from "../commands/banned.ts";
import { andThen } from "../ports/awaitable.ts";
import { barred, type Bearer, type Tokens } from "../transport/auth.ts";

/** The same, but nobody is let in who is banned from the server: not by a new connection, nor on one that is open. */
export function withoutBanned(tokens: Tokens, banned: Pick<Banned, "has" | "isBanned" | "listen">): Tokens {
  const letIn = (caller: Bearer) =>
    andThen(banned.isBanned(caller.userId), (isBanned) => {
      if (isBanned) throw barred();
      return caller;
    });
  return {
    verify: (bearer) => andThen(tokens.verify(bearer), letIn),
    vouches: tokens.vouches,
    isBarred: ({ userId }) => banned.has(userId),
    onBarred: banned.listen,
  };
}
