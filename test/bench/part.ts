import { pino } from "pino";
import { readConfig } from "../../src/config.ts";
import { boundMemory } from "../../src/server/heap.ts";
import { composePart } from "../../src/server/part.ts";
import { cpuTime } from "./cpu.ts";
import { answer } from "./processes.ts";
import { threadTimes } from "./threads.ts";

/** A part of a cluster that serves no clients, as it is: a process of its own that the benchmarks start. */

boundMemory();
const config = readConfig(process.env);
const part = await composePart(config, pino({ level: config.logLevel, base: null }, pino.destination(2)), (error) => {
  throw error;
});

const handlers = {
  /** Whether it does its work. */
  isReady: async (): Promise<boolean> => (await part.health()).ready,
  cpu: () => cpuTime(),
  threads: () => threadTimes(),
};

export type PartHandlers = typeof handlers;
answer(handlers, () => part.close());
