import type { Looked } from "../../ports/files.ts";

/** What the process is asked. `pixels`: a picture of more is not drawn. `size`: of thumbnails, in pixels. */
export type LookAt = { id: number; bytes: Uint8Array; draw: boolean; pixels: number; size: number };
export type LookedAt = { id: number; looked: Looked } | { id: number; fault: string };
