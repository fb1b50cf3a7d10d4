import { interestIn, localSignals } from "../adapters/signals/local.ts";
import type { Open } from "../ports/awaitable.ts";
import type { Signals } from "../ports/signals.ts";

/** Tells another thread of this process who listens: topics that nobody listens to are not told to the main thread. */
export type InterestPlace = { kind: "local"; interest: SharedArrayBuffer };

/** `kind`: what operators are told. */
export type PlacedSignals = Open<Signals> & { kind: string; interest: InterestPlace };

/** Opens the signals. `epochs`: see `LocalSignalsOptions`. */
export async function openSignals(epochs: SharedArrayBuffer): Promise<PlacedSignals> {
  const { signals, interest } = localSignals({ epochs });
  return { ...signals, kind: "local", interest: { kind: "local", interest }, close: async () => undefined };
}

/** Whether anybody may be listening to a topic, for a thread that was given the place. */
export const wantedAt = ({ interest }: InterestPlace): ((topic: string) => boolean) => interestIn(interest);
