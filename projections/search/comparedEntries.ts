import type { DirectoryEntry } from "../../src/ports/searchIndex.ts";
import { readerOf } from "../../src/projecting/projection.ts";
import { directoryReads, type GroupRow, type UserRow } from "../directory.ts";
import { type Compared, type Comparison, PAGE, unequal } from "./comparison.ts";

/**
 * Compares names, handles and tags of people and groups with the directory. The place of a user is nowhere but in the index,
 * so it is not compared.
 */
export function comparedEntries({ index, views, reading, generation }: Compared): Comparison {
  const unlike = async (
    ids: readonly string[],
    entries: readonly (DirectoryEntry | undefined)[],
  ): Promise<Map<string, string>> => {
    const profiles = directoryReads(readerOf(views, (await reading()).directory));
    const [users, groups] = await Promise.all([profiles.users(ids), profiles.groups(ids)]);
    return unequal(ids, (id, at) => entryDifference(id, entries[at], users[at], groups[at]));
  };
  const indexed = async (ids: readonly string[]) => (await index.get(generation, ids)) as (DirectoryEntry | undefined)[];

  return {
    suspects: async (went) => {
      const found = new Set<string>();
      const look = async (ids: readonly string[], entries: readonly (DirectoryEntry | undefined)[]): Promise<void> => {
        for (const id of (await unlike(ids, entries)).keys()) found.add(id);
      };
      for (let after = ""; ;) {
        const page = await index.entries(generation, after, PAGE);
        await look(
          page.map(({ id }) => id),
          page,
        );
        went(page.length);
        after = page.at(-1)?.id ?? "";
        if (page.length < PAGE) break;
      }
      const directory = (await reading()).directory;
      for (const table of ["users", "groups"])
        for (let after = ""; ;) {
          const ids = await views.partitions(`${directory}/${table}`, after, PAGE);
          await look(ids, await indexed(ids));
          after = ids.at(-1) ?? "";
          if (ids.length < PAGE) break;
        }
      return found;
    },
    differences: async (ids) => unlike(ids, await indexed(ids)),
  };
}

function entryDifference(
  id: string,
  entry: DirectoryEntry | undefined,
  user: UserRow | undefined,
  group: GroupRow | undefined,
): string | undefined {
  const expected = user
    ? { entry: "USER", name: user.name, handle: user.handle, tags: user.tags, category: null, public: true }
    : group && {
        entry: "GROUP",
        name: group.title,
        handle: null,
        tags: group.tags,
        category: group.category,
        public: group.public,
      };
  if (!expected) return entry && `${id} is in the index and not in the directory`;
  if (!entry) return `${id} is not in the index`;
  const members = Object.keys(expected) as (keyof typeof expected)[];
  const unlike = members.filter((member) => JSON.stringify(expected[member]) !== JSON.stringify(entry[member]));
  return unlike.length === 0 ? undefined : `${id} differs in its ${unlike.join(", ")}`;
}
