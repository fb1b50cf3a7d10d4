/** Why a command or a question is refused: those codes of the API's `ErrorCode` that the rules themselves give. */
export type RefusalCode =
  "UNAUTHENTICATED" | "FORBIDDEN" | "NOT_FOUND" | "BAD_INPUT" | "CONFLICT" | "LIMIT_EXCEEDED" | "RATE_LIMITED" | "UNAVAILABLE";

/** The only expected error. `message` tells a person what to do; `field` names the wrong input. */
export class Refusal extends Error {
  override readonly name = "Refusal";
  readonly code: RefusalCode;
  readonly field: string | undefined;
  readonly retryAfterMs: number | undefined;
  constructor(code: RefusalCode, message: string, more: { field?: string; retryAfterMs?: number; cause?: unknown } = {}) {
    super(message, { cause: more.cause });
    this.code = code;
    this.field = more.field;
    this.retryAfterMs = more.retryAfterMs;
  }
}
