import type { TransportConfig } from "./limits.ts";

export type Origins = Pick<TransportConfig, "production" | "origins">;

/**
 * Whether a page of that origin may open a WebSocket. What is no browser names none; in production a page is of the same host
 * or listed.
 */
export function maySubscribe({ production, origins }: Origins, origin: string | undefined, host: string | undefined): boolean {
  if (origin === undefined || !production) return true;
  return isListed(origins, origin) || hostOf(origin) === host;
}

/** Whether a page of another origin may read answers over HTTP. */
export const mayRead = ({ production, origins }: Origins, origin: string): boolean => !production || isListed(origins, origin);

/** The host and port of an origin; undefined where it is none (`null`, of a sandboxed page). */
export function hostOf(origin: string): string | undefined {
  return URL.canParse(origin) ? new URL(origin).host : undefined;
}

const isListed = (origins: readonly string[], origin: string): boolean => origins.includes("*") || origins.includes(origin);

/** Whether a host's name (of a URL, an IPv6 address in its brackets) can lead to this very machine alone. */
export const isLoopbackName = (name: string): boolean => /^(localhost|127(\.\d{1,3}){3}|\[::1\])$/i.test(name);
