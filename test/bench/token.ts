import { sign } from "../../src/transport/auth.ts";

/** What the tokens of the benchmarks' users are signed with. */
export const SECRET = "a secret of the benchmarks that is long enough for HS256";

const signed = new Map<string, Promise<string>>();

/** A user's token; the same one every time, since a server remembers those that it has verified. */
export function tokenOf(user: string): Promise<string> {
  let token = signed.get(user);
  if (!token) signed.set(user, (token = sign(SECRET, { sub: user, expiresInSeconds: 86_400 })));
  return token;
}
