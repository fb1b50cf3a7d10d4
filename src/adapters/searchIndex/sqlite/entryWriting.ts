import type { DatabaseSyncInstance } from "@photostructure/sqlite";
import { normalise } from "../../../domain/folding.ts";
import { wordsOf } from "../../../domain/words.ts";
import type { DirectoryEntry } from "../../../ports/searchIndex.ts";
import { tagsOf } from "../entries.ts";
import type { Tables } from "./tables.ts";

export type EntryWriting = {
  /** Call it inside a transaction. */
  put(entry: DirectoryEntry): void;
};

/** The statements that write people and groups of one generation. */
export function entryWriting(db: DatabaseSyncInstance, { entries, names, tags, places }: Tables): EntryWriting {
  const findEntry = db.prepare(`select number, version, row from ${entries} where id = ?`);
  const columns = "id, kind, version, name, handle, category, public, latitude, longitude, row";
  const addEntry = db.prepare(`insert into ${entries} (${columns}) values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`);
  const setEntry = db.prepare(`update ${entries} set (${columns}) = (?, ?, ?, ?, ?, ?, ?, ?, ?, ?) where number = ?`);
  const ofNames = (sql: (table: string) => string) => ({
    USER: db.prepare(sql(names.USER)),
    GROUP: db.prepare(sql(names.GROUP)),
  });
  const addName = ofNames((table) => `insert into ${table} (rowid, t) values (?, ?)`);
  const deleteName = ofNames((table) => `delete from ${table} where rowid = ?`);
  const addTag = db.prepare(`insert into ${tags} (kind, tag, score, id, number) values (?, ?, ?, ?, ?)`);
  const deleteTag = db.prepare(`delete from ${tags} where kind = ? and tag = ? and score = ? and id = ?`);
  const addPlace = db.prepare(`insert into ${places} (number, south, north, west, east) values (?, ?, ?, ?, ?)`);
  const deletePlace = db.prepare(`delete from ${places} where number = ?`);

  const forget = (number: number, { entry, id, place, ...rest }: DirectoryEntry): void => {
    deleteName[entry].run(number);
    for (const { tag, score } of tagsOf({ entry, id, place, ...rest })) deleteTag.run(entry, tag, score, id);
    if (place) deletePlace.run(number);
  };

  return {
    put(document) {
      const { id, entry, version, name, handle, category, place } = document;
      const [known, knownVersion, row] = (findEntry.get(id) ?? []) as [number?, string?, string?];
      if (knownVersion !== undefined && knownVersion > version) return;
      const values = [
        id,
        entry,
        version,
        normalise(name),
        handle,
        category === null ? null : normalise(category),
        document.public ? 1 : 0,
        place?.latitude ?? null,
        place?.longitude ?? null,
        JSON.stringify(document),
      ];
      if (known !== undefined) {
        forget(known, JSON.parse(row ?? "") as DirectoryEntry);
        setEntry.run(...values, known);
      }
      const number = known ?? Number(addEntry.run(...values).lastInsertRowid);
      addName[entry].run(number, wordsOf(name).join(" "));
      for (const { tag, score } of tagsOf(document)) addTag.run(entry, tag, score, id, number);
      if (place) addPlace.run(number, place.latitude, place.latitude, place.longitude, place.longitude);
    },
  };
}
