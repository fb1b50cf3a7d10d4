/** The one logger that everything here writes to: an object of what goes with it, and a sentence. */
export type Logger = Record<"debug" | "info" | "warn" | "error" | "fatal", (context: object, message: string) => void>;
