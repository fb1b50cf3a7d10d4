import { useEffect, useState } from "react";
import { PresenceOf, type PresenceOfSubscription } from "../../client/operations.ts";
import { useTidings } from "../../client/react.ts";

export type Presence = PresenceOfSubscription["presence"]["presence"];

/** The server follows so many users in one subscription. */
const MOST = 500;
/** What comes at once is shown at once: of each of many people something comes at first. */
const GATHER_MS = 50;
const NOBODY: ReadonlyMap<string, Presence> = new Map();

/** The presence of people, as it is now and as it changes, by their ids. */
export function usePresence(userIds: readonly string[]): ReadonlyMap<string, Presence> {
  const client = useTidings();
  const [known, setKnown] = useState(NOBODY);
  const key = JSON.stringify(userIds.slice(0, MOST));
  useEffect(() => {
    const watched = JSON.parse(key) as string[];
    if (watched.length === 0) return undefined;
    let came: [string, Presence][] = [];
    let timer: ReturnType<typeof setTimeout> | undefined;
    const stop = client.watch(PresenceOf, { userIds: watched }, ({ presence: { user, presence } }) => {
      came.push([user.id, presence]);
      timer ??= setTimeout(() => {
        const news = came;
        came = [];
        timer = undefined;
        setKnown((before) => new Map([...before, ...news]));
      }, GATHER_MS);
    });
    return () => {
      clearTimeout(timer);
      stop();
    };
  }, [client, key]);
  return known;
}

export const isOnline = (presence: Presence | undefined): boolean => presence?.some(({ online }) => online) ?? false;
