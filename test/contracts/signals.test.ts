import { MessageChannel } from "node:worker_threads";
import { localSignals, interestIn } from "../../src/adapters/signals/local.ts";
import type { Open } from "../../src/ports/awaitable.ts";
import type { Signals } from "../../src/ports/signals.ts";
import { signalsContract } from "./signals.contract.ts";

const ignored = () => undefined;

const kinds: Record<string, () => Promise<Open<{ publisher: Pick<Signals, "publish">; listener: Signals }>>> = {
  local: async () => {
    const { signals } = localSignals({ onError: ignored });
    return { publisher: signals, listener: signals, close: async () => undefined };
  },
  "local, relayed from a worker thread": async () => {
    const { signals, interest } = localSignals({ onError: ignored });
    const { port1, port2 } = new MessageChannel();
    port2.on("message", (topics: string[]) => signals.publish(topics));
    const wanted = interestIn(interest);
    return {
      publisher: { publish: (topics) => port1.postMessage([...topics].filter(wanted)) },
      listener: signals,
      close: async () => port1.close(),
    };
  },
};

for (const [name, open] of Object.entries(kinds)) signalsContract(name, open);
