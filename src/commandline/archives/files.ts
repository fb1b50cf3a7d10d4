import type { FindKept } from "./container.ts";
import type { JsonItem } from "./json.ts";

/** The files of an archive, by their names in it. */
export type Files = {
  names: readonly string[];
  /** The items of a file of JSON. */
  items(name: string): AsyncGenerator<JsonItem, void>;
  /** Files that messages hold. */
  find?: FindKept;
};
