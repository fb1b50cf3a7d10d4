import type { Files } from "./files.ts";
import { contentOf, type Made, making, note, timeAt, words } from "./making.ts";

/*
 * Rocket.Chat's CSV zip: `users.csv` (username, address, name), `channels.csv` (name, creator, type, members with `;` between), a
 * folder of each channel with files of messages (username, milliseconds, text), and `directmessages` (from, to, milliseconds,
 * text).
 */

/** The rows of files of CSV, by their names in the archive. */
export type Tables = Pick<Files, "names"> & { rows(name: string): AsyncIterable<readonly string[]> };

export const isRocketChat = ({ names }: Pick<Files, "names">): boolean =>
  names.includes("users.csv") && names.every((name) => !name.endsWith(".json"));

const LISTS = new Set(["users.csv", "channels.csv"]);

/** What a CSV zip of Rocket.Chat tells. */
export async function* rocketChatLines(tables: Tables): AsyncGenerator<Made, void> {
  const make = making("rocket.chat");
  const people = new Set<string>();
  const made = new Set<string>();
  const there = new Set(tables.names);

  function* met(place: string, username: string): Generator<Made, void, void> {
    if (people.has(username)) return;
    people.add(username);
    yield make.user(place, username, timeAt(0), { name: username, handle: username, tags: ["unknown"] });
    yield note(place, "people whom users.csv does not name: kept by their names");
  }

  function* group(
    place: string,
    name: string,
    creator: string,
    isPublic: boolean,
    members: readonly string[],
  ): Generator<Made, void, void> {
    made.add(name);
    for (const member of [creator, ...members]) yield* met(place, member);
    yield make.group(place, name, timeAt(0), { owner: creator, title: name, isPublic });
    yield* make.members(
      place,
      name,
      timeAt(0),
      members.filter((member) => member !== creator),
    );
  }

  async function* rows(name: string): AsyncGenerator<{ place: string; row: string[] }> {
    if (!there.has(name)) return;
    let number = 0;
    for await (const row of tables.rows(name)) {
      number++;
      yield { place: `${name}, row ${number}`, row: row.map((cell) => cell.trim()) };
    }
  }

  for await (const { place, row } of rows("users.csv")) {
    const [username = "", , name = ""] = row;
    // The first row may say what the columns are.
    if (username === "" || people.has(username) || (people.size === 0 && username.toLowerCase() === "username")) continue;
    people.add(username);
    yield make.user(place, username, timeAt(0), { name: words(name) ?? username, handle: username });
  }

  for await (const { place, row } of rows("channels.csv")) {
    const [name = "", creator = "", type = "", members = ""] = row;
    if (name === "" || made.has(name)) continue;
    const inside = members.split(";").flatMap((member) => (member.trim() === "" ? [] : [member.trim()]));
    const owner = creator === "" ? inside[0] : creator;
    if (owner === undefined) yield note(place, "channels of nobody: left out until somebody writes there");
    else yield* group(place, name, owner, type.toLowerCase() !== "private", inside);
  }

  for (const name of tables.names.filter((file) => file.endsWith(".csv") && !LISTS.has(file)).sort()) {
    const folder = name.includes("/") ? name.slice(0, name.indexOf("/")) : name.replace(/\.csv$/, "");
    const isDirect = folder.toLowerCase() === "directmessages";
    for await (const { place, row } of rows(name)) {
      const [sender = "", second = "", third = "", fourth = ""] = row;
      const [other, at, text] = isDirect ? [second, third, fourth] : ["", second, third];
      if (!/^\d{1,15}$/.test(at) || sender === "") {
        yield note(place, "rows without a sender or a time: left out");
        continue;
      }
      const content = contentOf(words(text), []);
      if (!content) {
        yield note(place, "messages in which nothing is left to see: left out");
        continue;
      }
      yield* met(place, sender);
      if (isDirect) yield* met(place, other);
      const isNote = isDirect && sender === other;
      const room = isNote ? `notes of ${sender}` : folder;
      if ((!isDirect || isNote) && !made.has(room)) {
        yield note(
          place,
          isNote
            ? "notes to oneself: kept as a group of one"
            : "channels that channels.csv does not name: kept as private groups",
        );
        yield* group(place, room, sender, false, []);
      }
      const conversationId = isDirect && !isNote ? make.directId(sender, other) : make.groupId(room);
      yield make.message(place, `${at} ${sender} ${text}`, timeAt(Number(at)), {
        conversationId,
        senderId: make.userId(sender),
        ...content,
      });
    }
  }
}
