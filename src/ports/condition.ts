/** The disk that DATA_DIR is on, in bytes. `freeBytes`: what this user may still write. */
export type Disk = { freeBytes: number; totalBytes: number };

/** WARNING: somebody should look. FAULT: something does not work, or soon will not. */
export type Severity = "WARNING" | "FAULT";

/** A setting that looks wrong, and why. */
export type Doubt = { setting: string; severity: Severity; reason: string };

/** The rows of a projection, as one version and one run made them, for operators. */
export type GenerationState = {
  name: string;
  projection: string;
  version: number;
  /** READ: it is in use. BUILDING: it will be. LEFT: nobody uses it, and it is kept for a while. */
  state: "READ" | "BUILDING" | "LEFT";
  /** Undefined: nothing is folded yet. */
  cursor?: string | undefined;
  /** About what it takes on disk. Undefined if the store cannot say. */
  bytes?: number | undefined;
};
