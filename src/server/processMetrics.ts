import { Counter, Gauge, type Registry } from "prom-client";
import type { ProcessState } from "../processes/dueProcess.ts";

/** Adds the metrics of what the server does by itself. They are read only when /metrics is asked for. */
export function processMetrics(registry: Registry, states: () => readonly ProcessState[]): void {
  const registers = [registry];
  new Gauge({
    name: "tidings_process_late_seconds",
    help: "by how much the oldest thing is late that is due and not done",
    labelNames: ["process"],
    registers,
    collect() {
      for (const { name, lateMs } of states()) this.set({ process: name }, lateMs / 1_000);
    },
  });
  new Counter({
    name: "tidings_process_done_total",
    help: "things that were done by themselves because they were due",
    labelNames: ["process"],
    registers,
    collect() {
      this.reset();
      for (const { name, done } of states()) this.inc({ process: name }, done);
    },
  });
}
