import { totalmem } from "node:os";
import type { Operations } from "../api/context.ts";
import type { Config } from "../config.ts";
import type { Disk, GenerationState } from "../ports/condition.ts";
import type { ViewStore } from "../ports/viewStore.ts";
import type { SearchGeneration, SearchStatus } from "../ports/searchIndex.ts";
import { indexStates, viewGenerationStates } from "../projecting/generations/listing.ts";
import { viewOf } from "../projecting/generations/store.ts";
import type { Projection } from "../projecting/projection.ts";
import { diskOf } from "./disk.ts";
import { doubtsAbout } from "./doubts.ts";
import { VERSION } from "./version.ts";

/** What can be told of a server beside how its parts are: what it keeps, where, and how it is set. */
export type Inspection = Pick<Operations, "version" | "generations" | "disk" | "doubts">;

export type Inspected = {
  config: Config;
  views: ViewStore;
  projections: readonly Projection[];
  /** The generation of a projection that is read. Undefined: none is complete yet. */
  generationOf(projection: Projection): string | undefined;
  search: {
    projection: Projection;
    generations(view: string): Promise<SearchGeneration[]>;
    status(): Promise<SearchStatus>;
  };
};

export function inspection({ config, views, projections, generationOf, search }: Inspected): Inspection {
  const disk = (): Promise<Disk | undefined> => diskOf(config.dataDir);
  const searched = async (): Promise<GenerationState[]> => {
    // An index that is away is no reason to say nothing of the views. Its component says what is wrong with it.
    const [found, bytes] = await Promise.all([
      search.generations(viewOf(search.projection)).catch((): SearchGeneration[] => []),
      search.status().then(
        (status) => status.bytes,
        () => undefined,
      ),
    ]);
    return indexStates(found, search.projection, found.find(({ active }) => active)?.name, bytes);
  };
  return {
    version: VERSION,
    disk,
    doubts: async () => doubtsAbout(config, { disk: await disk(), memoryBytes: totalmem() }),
    generations: async () => [...(await viewGenerationStates(views, projections, generationOf)), ...(await searched())],
  };
}
