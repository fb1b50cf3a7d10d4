import { expect } from "vitest";
import { Refusal, type RefusalCode } from "../../src/domain/refusal.ts";

/** Expects a refusal of this code, and of this field where one is given, and returns it. */
export async function refused(work: Promise<unknown>, code: RefusalCode, field?: string): Promise<Refusal> {
  const thrown: unknown = await work.then(
    (answer) => ({ answered: answer }),
    (error: unknown) => error,
  );
  if (!(thrown instanceof Refusal)) expect(thrown).toBeInstanceOf(Refusal);
  expect(thrown).toMatchObject({ code, ...(field === undefined ? {} : { field }) });
  return thrown as Refusal;
}
