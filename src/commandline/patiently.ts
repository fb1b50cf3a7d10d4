import { setTimeout as delay } from "node:timers/promises";
import { Refusal } from "../domain/refusal.ts";

const TRIES = 60;

/** Whether the same call may be answered otherwise in a moment. */
export const isPassing = (error: unknown): error is Refusal =>
  error instanceof Refusal && (error.code === "UNAVAILABLE" || error.code === "RATE_LIMITED");

/** Retries a call while the server is away or busy. The call must be idempotent. */
export async function patiently<T>(call: () => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await call();
    } catch (error) {
      if (!isPassing(error) || attempt === TRIES) throw error;
      await delay(Math.min(5_000, error.retryAfterMs ?? 250 * attempt));
    }
  }
}
