import { interestIn, localSignals } from "../adapters/signals/local.ts";
import { localEphemeral } from "../adapters/signals/localEphemeral.ts";
import type { Open } from "../ports/awaitable.ts";
import type { Ephemeral } from "../ports/ephemeral.ts";
import type { Signals } from "../ports/signals.ts";

/** Tells another thread of this process who listens: topics that nobody listens to are not told to the main thread. */
export type InterestPlace = { kind: "local"; interest: SharedArrayBuffer };

/** `kind`: what operators are told. `ephemeral`: what is told the same way, and is of no worth a moment later. */
export type PlacedSignals = Open<Signals> & {
  kind: string;
  interest: InterestPlace;
  /** See `LocalSignals`. */
  isHeard(topics?: readonly string[]): boolean;
  ephemeral: Ephemeral;
};

/** Opens the signals. `epochs`: see `LocalSignalsOptions`. */
export async function openSignals(epochs: SharedArrayBuffer): Promise<PlacedSignals> {
  const { signals, interest, isHeard } = localSignals({ epochs });
  const ephemeral = localEphemeral();
  return { ...signals, kind: "local", interest: { kind: "local", interest }, isHeard, ephemeral, close: async () => undefined };
}

/** Whether anybody may be listening to a topic, for a thread that was given the place. */
export const wantedAt = ({ interest }: InterestPlace): ((topic: string) => boolean) => interestIn(interest);
