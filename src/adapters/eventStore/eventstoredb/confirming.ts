import type { Feed } from "./feed.ts";
import type { Append, Outcome } from "./messages.ts";
import { isUsable, type Place } from "./position.ts";
import type { Layout } from "./wire.ts";

/*
 * The server takes an append for a repeat by its ids alone. If another server of ours got the same command with other content,
 * and was first, an append of ours counts as stored, too. What is really stored comes by the feed a moment later. If these are
 * the events that were sent, to the byte, the outcome says so: then nobody needs to look that up.
 */

/** How long an outcome waits for the feed, in milliseconds. */
const FEED_MS = 100;

type Stored = { revision: number; place: Place | undefined };
/** An append under way. `left`: how many of its events have not come. `stored`: what the server answered, and when. */
type Sent = { append: Append; places: Place[]; left: number; stored?: Stored; at: number };

export type Confirming = {
  /** An append was sent. */
  sent(append: Append): void;
  /** The server has answered that it is stored. */
  stored(number: number, stored: Stored): void;
  /** It has ended in another way. */
  failed(number: number): void;
  /** A record has come. */
  came(bytes: Buffer, layout: Layout): void;
  close(): void;
};

export function createConfirming(
  feed: Pick<Feed, "isOpen" | "hasPassed">,
  answer: (number: number, outcome: Outcome) => void,
): Confirming {
  const byNumber = new Map<number, Sent>();
  const byId = new Map<string, Sent>();
  /** Appends whose outcome waits, in the order of the answers. */
  const waiting = new Set<Sent>();
  /** An outcome waited for the feed in vain. Until the feed has come as far as this, none waits. */
  let late: Place | undefined;
  let timer: NodeJS.Timeout | undefined;

  const forget = (sent: Sent): void => {
    byNumber.delete(sent.append.number);
    waiting.delete(sent);
    for (const [id] of sent.append.events) if (byId.get(id.toLowerCase()) === sent) byId.delete(id.toLowerCase());
  };

  const settle = (sent: Sent, { revision, place }: Stored): void => {
    forget(sent);
    const { append, places, left } = sent;
    answer(append.number, { kind: "stored", revision, place, ...(left === 0 ? { seen: places } : {}) });
  };

  const expire = (): void => {
    timer = undefined;
    const now = performance.now();
    for (const sent of waiting) {
      const { stored, at } = sent;
      if (stored === undefined) continue;
      if (at + FEED_MS > now) {
        timer = setTimeout(expire, at + FEED_MS - now);
        return;
      }
      late = stored.place;
      settle(sent, stored);
    }
  };

  return {
    sent(append) {
      // At an explicit revision alone, the server looks at the ids.
      if (!feed.isOpen() || append.expected === "any") return;
      const sent: Sent = { append, places: [], left: append.events.length, at: 0 };
      byNumber.set(append.number, sent);
      for (const [id] of append.events) byId.set(id.toLowerCase(), sent);
    },
    stored(number, stored) {
      const sent = byNumber.get(number);
      const { place } = stored;
      if (sent === undefined) return answer(number, { kind: "stored", ...stored });
      if (place === undefined || !isUsable(place)) return settle(sent, stored);
      if (late !== undefined && feed.hasPassed(late)) late = undefined;
      // A record that has passed without being seen here was stored by an earlier call.
      if (sent.left === 0 || late !== undefined || feed.hasPassed(place)) return settle(sent, stored);
      sent.stored = stored;
      sent.at = performance.now();
      waiting.add(sent);
      timer ??= setTimeout(expire, FEED_MS);
    },
    failed(number) {
      const sent = byNumber.get(number);
      if (sent) forget(sent);
    },
    came(bytes, layout) {
      const sent = byId.get(bytes.toString("latin1", layout.id, layout.idEnd));
      const { commit, prepare } = layout;
      if (sent === undefined || commit === undefined || prepare === undefined) return;
      const { append, places } = sent;
      // They come in their order.
      const [id, type, data, metadata] = append.events[places.length] ?? [];
      const isSame =
        bytes.toString("latin1", layout.id, layout.idEnd) === id?.toLowerCase() &&
        bytes.toString("utf8", layout.name, layout.nameEnd) === append.stream &&
        bytes.toString("utf8", layout.type, layout.typeEnd) === type &&
        bytes.toString("utf8", layout.data, layout.dataEnd) === data &&
        bytes.toString("utf8", layout.metadata, layout.metadataEnd) === metadata;
      if (isSame) {
        places.push({ commit: BigInt(commit), prepare: BigInt(prepare) });
        sent.left--;
      }
      const { stored } = sent;
      if (stored && (sent.left === 0 || (stored.place && feed.hasPassed(stored.place)))) settle(sent, stored);
    },
    close: () => clearTimeout(timer),
  };
}
