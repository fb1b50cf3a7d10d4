import { clientError } from "./errors.ts";

/** What a promise gives within this time. Else it rejects: somebody else's code, or a browser's, may never answer. */
export function within<T>(ms: number, work: Promise<T>, what: string): Promise<T> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(clientError("NETWORK", `waited ${ms} ms in vain for ${what}`)), ms);
  });
  return Promise.race([work, late]).finally(() => clearTimeout(timer));
}
