import { type Client, clientOf } from "../../support/client.ts";
import type { Server } from "../../support/server.ts";

/** Calls that had to be made again: for want of an answer, or because the answer said so. */
export type Repeats = { noAnswer: number; notNow: number };

/**
 * `count` people, called `<name>00` and so on, with clients that repeat each call until it is answered, whatever becomes of the
 * server meanwhile.
 */
export const people = (
  server: Pick<Server, "address" | "token">,
  name: string,
  count: number,
  repeats: Repeats,
): Promise<Client[]> =>
  Promise.all(
    Array.from({ length: count }, (_, index) => {
      const id = `${name}${String(index).padStart(2, "0")}`;
      const retried = (fault: unknown) => void (fault === undefined ? repeats.noAnswer++ : repeats.notNow++);
      return clientOf(server, id, { patient: { retried } });
    }),
  );

export const directOf = (one: string, other: string): string => `d:${[one, other].sort().join("~")}`;
