import { rm } from "node:fs/promises";
import { ClassicLevel } from "classic-level";
import type { Open } from "../../ports/awaitable.ts";
import type { DeviceKey, LastSeen, Seen } from "../../ports/lastSeen.ts";
import { makeDirectory } from "../directory.ts";

/** Neither part of a key has a `~` in it. */
const keyOf = ({ user, device }: DeviceKey): string => `${user}~${device}`;

/**
 * When devices were last seen, in a LevelDB of its own: it is written all the time, and nothing depends on it. One that cannot be
 * read is made anew, and `warn` says so.
 */
export async function levelLastSeen(directory: string, warn: (message: string) => void): Promise<Open<LastSeen>> {
  const open = async () => {
    makeDirectory(directory);
    const made = new ClassicLevel<string, Seen>(directory, { valueEncoding: "json" });
    await made.open();
    return made;
  };
  const level = await open().catch(async (error: Error) => {
    warn(
      `when devices were last seen cannot be read, and is begun anew: ${(error.cause instanceof Error ? error.cause : error).message}`,
    );
    await rm(directory, { recursive: true, force: true });
    return open();
  });
  return {
    of: (keys) => level.getMany(keys.map(keyOf)),
    note: (seen) =>
      level.batch(seen.map(({ at, online, ...key }) => ({ type: "put" as const, key: keyOf(key), value: { at, online } }))),
    forget: (keys) => level.batch(keys.map((key) => ({ type: "del" as const, key: keyOf(key) }))),
    close: () => level.close(),
  };
}
