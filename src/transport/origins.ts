import type { TransportConfig } from "./limits.ts";

export type Origins = Pick<TransportConfig, "production" | "origins">;

/**
 * Whether a page of that origin may open a WebSocket. Clients that are no browsers send no origin and may. In production a
 * page must be of the same host or listed.
 */
export function maySubscribe({ production, origins }: Origins, origin: string | undefined, host: string | undefined): boolean {
  if (origin === undefined || !production) return true;
  return isListed(origins, origin) || hostOf(origin) === host;
}

/** Whether a page of another origin may read answers over HTTP. */
export const mayRead = ({ production, origins }: Origins, origin: string): boolean => !production || isListed(origins, origin);

/** The host and port of an origin. Undefined if the text is not one: a sandboxed page sends `null`. */
export function hostOf(origin: string): string | undefined {
  return URL.canParse(origin) ? new URL(origin).host : undefined;
}

const isListed = (origins: readonly string[], origin: string): boolean => origins.includes("*") || origins.includes(origin);

/** Whether a host's name can only lead to this machine. An IPv6 address is in brackets, as in a URL. */
export const isLoopbackName = (name: string): boolean => /^(localhost|127(\.\d{1,3}){3}|\[::1\])$/i.test(name);
