/** The id of the operation that a message asks for. Undefined if it asks for none. */
export function operationIn(text: string): string | undefined {
  try {
    const message = JSON.parse(text) as { id?: unknown; type?: unknown } | null;
    return message?.type === "subscribe" && typeof message.id === "string" && message.id !== "" ? message.id : undefined;
  } catch {
    return undefined;
  }
}

/** The error for a request or a message over the limit, on both transports. */
export const tooLong = (limit: number): string => `a request has at most ${limit} bytes`;
