import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import fc from "fast-check";
import { pack } from "tar-stream";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { jsonItems } from "../../../../src/commandline/archives/json.ts";
import { openAnyArchive } from "../../../../src/commandline/archives/open.ts";
import { sortedByTime } from "../../../../src/commandline/archives/sorting.ts";
import { openZip } from "../../../../src/commandline/archives/zip.ts";
import { runs, seed } from "../../../support/property.ts";
import { dataOf, readAll } from "../../../support/readArchive.ts";
import { tempDir } from "../../../support/tempDir.ts";
import { type Zipped, zipOf } from "../../../support/zips.ts";

let folder: Awaited<ReturnType<typeof tempDir>>;
beforeAll(async () => {
  folder = await tempDir();
});
afterAll(() => folder.remove());

let names = 0;
async function fileOf(content: Buffer | string): Promise<string> {
  const file = join(folder.path, `${++names}`);
  await writeFile(file, content);
  return file;
}
const opened = async (...files: Zipped[]) => openAnyArchive(await fileOf(zipOf(files)));
const json = (name: string, value: unknown): Zipped => ({ name, content: JSON.stringify(value) });

async function itemsOf(text: string, size: number) {
  const bytes = Buffer.from(text);
  const chunks = (async function* () {
    for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
  })();
  const found: { key: string | undefined; value: unknown }[] = [];
  for await (const item of jsonItems(chunks)) found.push(item);
  return found;
}

describe("the items of a long JSON", () => {
  test("are those that a parser finds, wherever it is cut into chunks", async () => {
    const space = fc.constantFrom(0, 1, 2);
    await fc.assert(
      fc.asyncProperty(
        fc.oneof(fc.array(fc.jsonValue()), fc.dictionary(fc.string(), fc.jsonValue())),
        space,
        fc.integer({ min: 1, max: 9 }),
        async (value, indent, size) => {
          const text = JSON.stringify(value, null, indent);
          const parsed = JSON.parse(text) as unknown[] | Record<string, unknown>;
          const wanted = Array.isArray(parsed)
            ? parsed.map((item) => ({ key: undefined, value: item }))
            : Object.entries(parsed).flatMap(([key, member]) =>
                Array.isArray(member) ? member.map((item: unknown) => ({ key, value: item })) : [{ key, value: member }],
              );
          expect(await itemsOf(text, size)).toEqual(wanted);
        },
      ),
      { numRuns: runs(300), seed: seed("items of JSON") },
    );
  });

  test.each([
    ['[{"a": 1}, {"b"', /breaks off/],
    ['{"a": [1, 2', /breaks off/],
    ["", /breaks off/],
    ["true", /neither a list nor an object/],
    ['[{"a": nonsense}]', /JSON/],
  ])("that is broken are not made up: %s", (text, why) => expect(itemsOf(text, 4)).rejects.toThrow(why));
});

describe("what is sorted by time", () => {
  test("is in that order, and what has the same time in the order in which it came, however little fits into memory", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.nat({ max: 9 })), fc.integer({ min: 1, max: 200 }), async (times, inMemory) => {
        const given = times.map((at, index) => ({ at, index, text: "\n老\u2028\u2029 {" }));
        const all = (async function* () {
          yield* given;
        })();
        const found: typeof given = [];
        for await (const each of sortedByTime(all, ({ at }) => at, inMemory)) found.push(each);
        expect(found).toEqual(given.toSorted((one, other) => one.at - other.at || one.index - other.index));
      }),
      { numRuns: runs(50), seed: seed("sorted by time") },
    );
  });
});

describe("a tar", () => {
  /** A tar with these files, gzip or not. */
  async function tarOf(files: Readonly<Record<string, string | Buffer>>, isZipped = true): Promise<string> {
    const tar = pack();
    for (const [name, content] of Object.entries(files)) tar.entry({ name }, content);
    tar.finalize();
    const chunks: Buffer[] = [];
    for await (const chunk of tar) chunks.push(chunk as Buffer);
    const bytes = Buffer.concat(chunks);
    return fileOf(isZipped ? gzipSync(bytes) : bytes);
  }
  const realm = {
    zerver_realm: [{ string_id: "acme" }],
    zerver_userprofile: [1, 2].map((id) => ({ id, full_name: `User ${id}` })),
    zerver_recipient: [{ id: 5, type: 1, type_id: 2 }],
  };
  const message = { id: 1, sender: 1, recipient: 5, content: "hello", date_sent: 1 };
  const files = {
    "zulip-export/messages-000001.json": JSON.stringify({ zerver_message: [message] }),
    "zulip-export/realm.json": JSON.stringify(realm),
  };

  test.each([true, false])("of Zulip is known, gzip or not: %s", async (isZipped) => {
    const archive = await openAnyArchive(await tarOf(files, isZipped));
    expect(archive.kind).toBe("an export of Zulip");
    const { facts } = await readAll(archive.lines());
    expect(dataOf(facts, "MessageSent")).toMatchObject([{ text: "hello" }]);
  });

  test.each(["../realm.json", "/etc/realm.json", "a/../../realm.json"])(
    "whose names lead out of it is refused: %s",
    async (name) => {
      const archive = await openAnyArchive(await tarOf({ [name]: JSON.stringify(realm) }));
      await expect(readAll(archive.lines())).rejects.toThrow("would lie outside of it");
    },
  );

  test("that becomes far larger than it is, is refused", async () => {
    const archive = await openAnyArchive(await tarOf({ "a.bin": Buffer.alloc(300_000_000), ...files }));
    await expect(readAll(archive.lines())).rejects.toThrow("250 times as large as it is, or more");
  });
});

describe("a zip", () => {
  const users = json("users.json", [{ id: "U1", name: "ann" }]);
  const channels = json("channels.json", [{ id: "C1", name: "general", creator: "U1", members: ["U1"] }]);
  const day = json("general/2020-01-01.json", [{ type: "message", user: "U1", ts: "1.5", text: "hello" }]);

  test("of Slack is known by its lists, also where all lies in one folder", async () => {
    for (const top of ["", "my export/"]) {
      const archive = await opened(...[users, channels, day].map((file) => ({ ...file, name: `${top}${file.name}` })));
      expect(archive.kind).toBe("an export of Slack");
      const { facts } = await readAll(archive.lines());
      expect(dataOf(facts, "MessageSent")).toMatchObject([{ text: "hello" }]);
    }
  });

  test("of Mattermost is known by its lines, and so are the lines alone", async () => {
    const content = [
      { type: "version", version: 1 },
      { type: "user", user: { username: "ann", teams: [{ name: "t", channels: [{ name: "town" }] }] } },
      { type: "post", post: { team: "t", channel: "town", user: "ann", message: "hello", create_at: 1 } },
    ]
      .map((line) => JSON.stringify(line))
      .join("\n");
    for (const archive of [await opened({ name: "import.jsonl", content }), await openAnyArchive(await fileOf(content))]) {
      expect(archive.kind).toBe("a bulk export of Mattermost");
      const { facts } = await readAll(archive.lines());
      expect(dataOf(facts, "MessageSent")).toMatchObject([{ text: "hello" }]);
    }
  });

  test("of Mattermost is read on behind a line that is far too deep", async () => {
    const deep = `{"type":"post","post":${"[".repeat(200_000)}${"]".repeat(200_000)}}`;
    const content = [
      JSON.stringify({ type: "version", version: 1 }),
      deep,
      JSON.stringify({ type: "post", post: { team: "t", channel: "town", user: "ann", message: "hello", create_at: 1 } }),
    ].join("\n");
    const { facts, notes } = await readAll((await openAnyArchive(await fileOf(content))).lines());
    expect(dataOf(facts, "MessageSent")).toMatchObject([{ text: "hello" }]);
    expect(notes).toMatchObject({ "lines of the kind too deep JSON: left out": 1 });
  });

  test("of Rocket.Chat is known by its lists of people", async () => {
    for (const top of ["", "chat/"]) {
      const archive = await opened(
        { name: `${top}users.csv`, content: '\ufeff"ann","ann@example.org","Ann ""A"" Lee"\r\n' },
        { name: `${top}town/messages.csv`, content: '"ann","1500000000000","hello,\nall"\r\n' },
      );
      expect(archive.kind).toBe("a CSV zip of Rocket.Chat");
      const { facts } = await readAll(archive.lines());
      expect(dataOf(facts, "UserRegistered")).toMatchObject([{ name: 'Ann "A" Lee' }]);
      expect(dataOf(facts, "MessageSent")).toMatchObject([{ text: "hello,\nall" }]);
    }
  });

  test("of Element is known by its room, and so is the room alone", async () => {
    const event = {
      type: "m.room.message",
      event_id: "$1",
      room_id: "!r",
      sender: "@ann:a.org",
      origin_server_ts: 1,
      content: { body: "hello" },
    };
    const room = { room_name: "Town", messages: [event] };
    for (const archive of [
      await opened(json("Town/export.json", room)),
      await openAnyArchive(await fileOf(JSON.stringify(room, null, 2))),
    ]) {
      expect(archive.kind).toBe("Element's export of a Matrix room");
      const { facts } = await readAll(archive.lines());
      expect(dataOf(facts, "MessageSent")).toMatchObject([{ text: "hello" }]);
    }
  });

  test("of very many files is not looked through for each of them", async () => {
    const days = Array.from({ length: 300 }, (_, index) => json(`general/${1_000 + index}.json`, []));
    const archive = await opened(channels, ...days, users);
    const looks = vi.spyOn(String.prototype, "startsWith");
    try {
      await readAll(archive.lines());
      expect(looks.mock.calls.length).toBeLessThan(10 * days.length);
    } finally {
      looks.mockRestore();
    }
  });

  test("of very many files holds little of each", async () => {
    const { entries, close } = await openZip(await fileOf(zipOf([users, channels])));
    close();
    const held = entries.flatMap((entry) => Object.values(entry).filter((value) => typeof value === "object"));
    expect(held.map((value) => (value as { length: number }).length)).toEqual(held.map(() => 0));
  });

  test("of no kind that is known is refused", () =>
    expect(opened(json("a.json", []))).rejects.toThrow("of no kind that is known"));

  test("that is broken is refused", async () => {
    const zip = zipOf([users, channels, day]);
    await expect(openAnyArchive(await fileOf(zip.subarray(0, zip.length - 30)))).rejects.toThrow("is no zip that can be read");
  });

  test.each(["../users.json", "/etc/users.json", "a/../../users.json", "c:\\users.json"])(
    "whose names lead out of it is refused: %s",
    (name) => expect(opened({ ...users, name }, channels)).rejects.toThrow("is refused"),
  );

  test("that would become far larger than it is, is refused before anything is unpacked", () =>
    expect(opened(users, channels, { name: "general/1.json", content: Buffer.alloc(32_000_000) })).rejects.toThrow(
      "would become 250 times as large as it is, or more",
    ));

  test("whose files are larger than its directory says is refused where that is found", async () => {
    const archive = await opened(users, channels, { ...day, says: 10 });
    await expect(readAll(archive.lines())).rejects.toThrow("general/2020-01-01.json: too many bytes");
  });
});
