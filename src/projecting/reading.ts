import { NotBuilt } from "../ports/faults.ts";
import type { Projection } from "./projection.ts";

/** What of a projection is read now. `progress`: how much of its first generation is built, 0 to 1. */
export type ReadNow = { generation: string } | { generation: undefined; progress: number | undefined };

/**
 * Which generation of each projection is read now. Who reads asks for every read, so that readers go from one generation to the
 * next in one step.
 */
export type Reading = {
  /** Throws `NotBuilt` if there is no complete generation, or if it is not known yet how far the rows are. */
  generation(projection: Pick<Projection, "name">): string;
  /** The same, or undefined where it would throw. */
  generationIfRead(projection: Pick<Projection, "name">): string | undefined;
  /** Takes in what is read from now on, by the projections' names. */
  change(now: Readonly<Record<string, ReadNow>>): void;
  /** Takes in how much is built of a projection that has no generation to read. */
  building(projection: string, progress: number | undefined): void;
  /** Opens reading. Before that, it is not known whether rows lag arbitrarily. */
  open(): void;
  isOpen(): boolean;
};

/** `progress`: how far all views are with what the log held when the server started, 0 to 1. */
export function createReading(progress: () => number | undefined): Reading {
  let opened = false;
  let read: Readonly<Record<string, ReadNow>> = {};

  return {
    generation: ({ name }) => {
      if (!opened) throw new NotBuilt(`the views have not caught up with the log yet${doneOf(progress())}`);
      const now = read[name];
      if (now?.generation !== undefined) return now.generation;
      throw new NotBuilt(`the view ${name} is being built${doneOf(now?.progress)}`);
    },
    generationIfRead: ({ name }) => (opened ? read[name]?.generation : undefined),
    change: (now) => void (read = { ...read, ...now }),
    building: (name, progress) => {
      if (read[name]?.generation === undefined) read = { ...read, [name]: { generation: undefined, progress } };
    },
    open: () => void (opened = true),
    isOpen: () => opened,
  };
}

const doneOf = (progress: number | undefined): string => (progress === undefined ? "" : `: ${Math.floor(progress * 100)} % done`);
