import { setMaxListeners } from "node:events";
import { setTimeout as delay } from "node:timers/promises";
import type { Views } from "../../projections/views.ts";
import type { CircleSteps, Commands, ExpirySteps, FileSteps, SendingSteps, WebhookSteps } from "../commands/commands.ts";
import { circleCompletion } from "./circleCompletion.ts";
import { dueProcess, type Process, type ProcessOptions, type ProcessState } from "./dueProcess.ts";
import { expiry } from "./expiry.ts";
import { unheldFiles } from "./files.ts";
import { scheduledSends } from "./scheduledSends.ts";
import { webhookProcess, type WebhooksOptions } from "./webhooks.ts";

export type ProcessesOptions = ProcessOptions & {
  views: Pick<Views, "schedules" | "expiries" | "circles" | "files" | "webhooks" | "timelines">;
  commands: Commands & SendingSteps & ExpirySteps & CircleSteps & FileSteps & WebhookSteps;
  log: WebhooksOptions["log"];
  webhooks: Pick<WebhooksOptions, "outbox" | "post" | "retryMs" | "giveUpMs">;
  info: (message: string, detail: string) => void;
};

/** Everything that the server does by itself. */
export type Processes = {
  states(): ProcessState[];
  /** Ends them. Resolves once they have ended, or after a moment. Never rejects. */
  close(): Promise<void>;
};

/** How long the end waits for what is being done, in milliseconds. What is not finished then is finished after the next start. */
const END_MS = 2_000;

/** Starts what the server does by itself when its time has come. Several servers may do the same: it is done once. */
export function startProcesses({ views, commands, info, log, webhooks, ...options }: ProcessesOptions): Processes {
  const failed = (id: string, code: string) => info("a scheduled message may not be sent any more", `${id}: ${code}`);
  const all: Pick<Process, "run" | "state">[] = [
    dueProcess(scheduledSends({ schedules: views.schedules, commands, failed }), options),
    dueProcess(expiry({ expiries: views.expiries, commands }), options),
    dueProcess(circleCompletion({ circles: views.circles, commands }), options),
    dueProcess(unheldFiles({ files: views.files, commands }), options),
    webhookProcess({ ...options, info, ...webhooks, log, webhooks: views.webhooks, timelines: views.timelines, commands }),
  ];
  const stop = new AbortController();
  // Each process listens several times.
  setMaxListeners(0, stop.signal);
  const ended = Promise.all(all.map((process) => process.run(stop.signal)));
  return {
    states: () => all.map((process) => process.state()),
    close: async () => {
      stop.abort();
      await Promise.race([ended, delay(END_MS, undefined, { ref: false })]);
    },
  };
}
