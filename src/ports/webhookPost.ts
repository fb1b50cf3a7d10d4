/** A message to a webhook. `at`: milliseconds since 1970. `stop`: it is given up. */
export type HookPost = { url: string; id: string; at: number; body: string; secret: string; stop?: AbortSignal };

/**
 * What came of it: the status, and what was said of when to try again (milliseconds from now); or why there was no answer.
 * `body`: the answer's, if it was asked for and is no longer than allowed.
 */
export type Posted = { status: number; retryAfterMs?: number; body?: string } | { error: string };

/** Posts a signed message, and follows no redirect. Never rejects. */
export type PostHook = (post: HookPost) => Promise<Posted>;
