/** The logger of the whole server. A line is an object with context, and a sentence. */
export type Logger = Record<"debug" | "info" | "warn" | "error" | "fatal", (context: object, message: string) => void>;
