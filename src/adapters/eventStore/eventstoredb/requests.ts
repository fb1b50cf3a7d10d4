import type { StreamingRead } from "@eventstore/db-client";
import pLimit from "p-limit";
import { Unavailable } from "../../../ports/faults.ts";
import { faultOf } from "./faults.ts";

export type Requests = {
  /** All that a call gives: nothing where the stream asked for is not there. Rejects with `Unavailable`. */
  all<Item>(open: () => StreamingRead<Item>): Promise<Item[]>;
};

/** Calls at a time: an HTTP/2 connection carries 100 streams, and one more call waits in silence. */
const AT_A_TIME = 64;

/**
 * Bounded calls, each with a time limit, which the client has none of for reads. Whoever waits for a turn meanwhile is not kept longer: a server that
 * fell silent would keep the last of many for as many times as long.
 */
export function requests(timeoutMs: number): Requests {
  const limit = pLimit(AT_A_TIME);
  return {
    all: (open) => {
      const askedAt = performance.now();
      return limit(() => {
        const left = timeoutMs - (performance.now() - askedAt);
        if (left <= 0) throw noAnswer(timeoutMs);
        return gather(open, left, timeoutMs);
      });
    },
  };
}

const noAnswer = (timeoutMs: number) => new Unavailable(`EventStoreDB gave no answer in ${timeoutMs} ms`);

function gather<Item>(open: () => StreamingRead<Item>, leftMs: number, timeoutMs: number): Promise<Item[]> {
  return new Promise((resolve, reject) => {
    const call = open();
    const items: Item[] = [];
    const timer = setTimeout(() => {
      reject(noAnswer(timeoutMs));
      call.cancel().catch(() => {});
    }, leftMs);
    call.on("data", (item: Item) => items.push(item));
    call.on("end", () => {
      clearTimeout(timer);
      resolve(items);
    });
    // It stays: an error after the end that nobody listened to would end the process.
    call.on("error", (error) => {
      clearTimeout(timer);
      const fault = faultOf(error);
      if (fault.kind === "missing") resolve([]);
      else reject(readFault(fault, error));
    });
  });
}

/** What a read that failed is rejected with. A read changes nothing: whatever it is, it may be tried again. */
export function readFault(fault: ReturnType<typeof faultOf>, cause: unknown): Error {
  const message = "message" in fault ? fault.message : "a read met a conflict";
  if (fault.kind === "away" || fault.kind === "refused")
    return new Unavailable("EventStoreDB cannot be read now", "nothing", { cause: new Error(message) });
  return new Error(`EventStoreDB cannot be read: ${message}`, { cause });
}
