import type { Json } from "../apiWorld.ts";

/* How answers of the API are taken apart. */

/** A query of a user. */
export type Query = (user: string, document: string, variables?: Json) => Promise<Json>;

export type Id = { id: string };
export type Edges<T> = { edges: { node: T }[] };
export const nodes = <T>({ edges }: Edges<T>): T[] => edges.map(({ node }) => node);
export const ids = (of: Edges<Id>): string[] => nodes(of).map(({ id }) => id);
