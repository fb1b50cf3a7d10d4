import { viewProjections } from "../../projections/index.ts";
import { search } from "../../projections/search/search.ts";
import { type RowCounts, rowCounts } from "../projecting/rowCounts.ts";

const NAMES = [...viewProjections, search].map(({ name }) => name);

/** How many rows each projection has written. `shared`: of the thread that began to count. */
export const rowsWritten = (shared?: SharedArrayBuffer): RowCounts => rowCounts(NAMES, shared);
