import { planOf } from "./capacityModel.ts";
import { readCapacity } from "./capacityOptions.ts";
import { capacityPage } from "./capacityPage.ts";
import type { Terminal } from "./import.ts";

/**
 * Says what a load takes of each part of a cluster, and which limit is reached first: `docs/scaling.md` says how. It asks no
 * server. `given`: options by the members of a load. `replaced`: figures in place of those of `capacityFigures.ts`, as
 * `name=value`. Throws an `Error` that names all that is wrong.
 */
export function capacity(
  given: Readonly<Record<string, string | undefined>>,
  replaced: readonly string[],
  isJson: boolean,
  terminal: Pick<Terminal, "out">,
): void {
  const { load, figures } = readCapacity(given, replaced);
  const plan = planOf(load, figures);
  terminal.out(isJson ? JSON.stringify({ load, figures, ...plan }, null, 2) : capacityPage(load, plan));
}
