import { type Client, httpClient } from "../../support/client.ts";
import type { Server } from "../../support/server.ts";

/** Someone with a client that repeats each call until it is answered, whatever becomes of the server meanwhile. */
export type Person = { id: string; token: string; client: Client };

/** Calls that had to be made again: for want of an answer, or because the answer said so. */
export type Repeats = { noAnswer: number; notNow: number };

/** `count` people, called `<name>00` and so on. */
export const people = (
  server: Pick<Server, "address" | "token">,
  name: string,
  count: number,
  repeats: Repeats,
): Promise<Person[]> =>
  Promise.all(
    Array.from({ length: count }, async (_, index): Promise<Person> => {
      const id = `${name}${String(index).padStart(2, "0")}`;
      const token = await server.token(id);
      const retried = (fault: unknown) => void (fault === undefined ? repeats.noAnswer++ : repeats.notNow++);
      return { id, token, client: httpClient({ address: server.address, token, retried }) };
    }),
  );

export const directOf = (one: string, other: string): string => `d:${[one, other].sort().join("~")}`;
