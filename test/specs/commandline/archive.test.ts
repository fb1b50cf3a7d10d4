import { appendFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type ArchiveLine, openArchive } from "../../../src/commandline/archive.ts";
import { MAX_LINE_BYTES } from "../../../src/commandline/archiveLines.ts";
import { tempDir } from "../../support/tempDir.ts";

let folder: Awaited<ReturnType<typeof tempDir>>;
beforeAll(async () => {
  folder = await tempDir();
});
afterAll(() => folder.remove());

let files = 0;
const archiveOf = async (content: string | Buffer): Promise<string> => {
  const file = join(folder.path, `${++files}.jsonl`);
  await writeFile(file, content);
  return file;
};

/** All that is read of an archive, and what ended it. */
async function read(content: string | Buffer): Promise<{ lines: ArchiveLine[]; fault?: string }> {
  const archive = await openArchive(await archiveOf(content));
  const lines: ArchiveLine[] = [];
  try {
    for await (const line of archive.lines()) lines.push(line);
  } catch (error) {
    return { lines, fault: (error as Error).message };
  }
  return { lines };
}

const keys = (lines: readonly ArchiveLine[]) =>
  lines.map((line) => ("message" in line ? line.message.key : `${line.number}: ${"fault" in line ? line.fault : ""}`));
const withId = (id: string, more = "") => `{"conversation":"c","sender":"s","text":"t","id":${id}${more}}`;
const at = (sentAt: string) => `{"conversation":"c","sender":"s","text":"t","id":"1","sentAt":${JSON.stringify(sentAt)}}`;

describe("ids that are numbers", () => {
  it("keep their digits, however many they are", async () => {
    const ids = [
      "9007199254740993",
      "9007199254740992",
      "-9007199254740993",
      "123456789012345678901234567890",
      "0.1234567890123456789",
    ];
    expect(keys((await read(ids.map((id) => withId(id)).join("\n"))).lines)).toEqual(ids);
  });

  it("are what they were where JavaScript holds them exactly", async () => {
    const lines = [withId("17"), withId("1.0"), withId("1e3"), withId("-0"), withId("1.5"), withId("9007199254740991")];
    expect(keys((await read(lines.join("\n"))).lines)).toEqual(["17", "1", "1000", "0", "1.5", "9007199254740991"]);
  });

  it("are the last ones of a line that has two, as everywhere in JSON", async () => {
    const twice = `{"id":9007199254740995,"conversation":"c","sender":"s","text":"t","id":9007199254740993,"id":9007199254740993}`;
    expect(keys((await read(twice)).lines)).toEqual(["9007199254740993"]);
  });

  it("that nobody can keep are refused, and end nothing", async () => {
    const deep = `,"x":${"[".repeat(100_000)}${"]".repeat(100_000)}`;
    const { lines, fault } = await read(
      [withId("1e400"), withId("9".repeat(200)), withId("9007199254740993", deep), withId("1", deep), withId("2")].join("\n"),
    );
    expect(fault).toBeUndefined();
    expect(keys(lines).map((key) => key.slice(0, 8))).toEqual(["1: id is", "2: id is", "3: id is", "1", "2"]);
  });
});

describe("times", () => {
  it("have a zone, and are of a day that there is, as the API has it", async () => {
    const bad = [
      ...["2024-05-01T12:00:00", "2024-05-01", "2024-02-30T00:00:00Z", "2023-02-29T00:00:00Z", "2024-04-31T12:00:00+02:00"],
      ...[
        "2024-05-01T24:00:00Z",
        "2024-05-01T12:60:00Z",
        "2024-05-01T12:00Z",
        "2024-05-01 12:00:00Z",
        "1 May 2024",
        "",
        "2024-13-01T00:00:00Z",
      ],
      ...["0000-01-01T00:00:00+01:00", "9999-12-31T23:59:59-01:00"],
    ];
    const { lines } = await read(bad.map(at).join("\n"));
    expect(lines.map((line) => ("fault" in line ? line.fault.slice(0, 30) : line))).toEqual(
      bad.map(() => "sentAt is a time with its zone"),
    );
    const good = ["2024-02-29T23:59:59.999Z", "2024-05-01T12:00:00+02:00", "2024-05-01T12:00:00.1234567-05:30"];
    const told = (await read(good.map(at).join("\n"))).lines;
    expect(told.map((line) => ("message" in line ? line.message.sentAt : line))).toEqual([
      "2024-02-29T23:59:59.999Z",
      "2024-05-01T10:00:00.000Z",
      "2024-05-01T17:30:00.123Z",
    ]);
  });
});

describe("bytes", () => {
  it("that are no UTF-8 are refused with their line's number, and nothing is put in their place", async () => {
    const latin = Buffer.from(withId('"1"').replace('"t"', '"caf\u00e9"'), "latin1");
    const half = Buffer.from(withId('"2"').replace('"t"', '"é"')).filter((byte) => byte !== 0xa9);
    const { lines } = await read(Buffer.concat([latin, Buffer.from("\n"), half, Buffer.from(`\n${withId('"3"')}\n`)]));
    expect(keys(lines)).toEqual([
      "1: not UTF-8: save the file in that encoding",
      "2: not UTF-8: save the file in that encoding",
      "3",
    ]);
  });

  it("of a character on the border of two chunks are one character", async () => {
    const lines = Array.from({ length: 300 }, (_, index) => withId(`"${index}"`).replace('"t"', `"${"老é👋".repeat(index)}"`));
    const told = (await read(lines.join("\n"))).lines;
    expect(told.map((line) => ("message" in line ? line.message.text : line))).toEqual(
      lines.map((_, index) => "老é👋".repeat(index)),
    );
  });

  it("end a line where they are a line feed, and nowhere else", async () => {
    const separators = withId('"1"').replace('"t"', '"one\u2028two\u2029three\u0085four"');
    const told = (await read(`\uFEFF${separators}\r\n\r\n${withId("2")}`)).lines;
    expect(told).toMatchObject([
      { number: 1, message: { key: "1", text: "one\u2028two\u2029three\u0085four" } },
      { number: 3, message: { key: "2" } },
    ]);
  });

  it("of a line that is too long are passed over, with its number", async () => {
    const long = withId('"1"').replace('"t"', `"${"x".repeat(MAX_LINE_BYTES * 3)}"`);
    const { lines } = await read(`${withId('"0"')}\n${long}\n${withId('"2"')}\n${long}`);
    expect(keys(lines)).toEqual(["0", `2: longer than ${MAX_LINE_BYTES} bytes`, "2", `4: longer than ${MAX_LINE_BYTES} bytes`]);
  });
});

describe("a file that breaks off", () => {
  const lines = Array.from({ length: 1_300 }, (_, index) => withId(`"${index}"`).replace('"t"', `"${Math.sin(index)}"`));
  const whole = gzipSync(`${lines.join("\n")}\n`);

  it("without the trailer of its compression gives every line, and says so then", async () => {
    for (const missing of [1, 4, 8]) {
      const { lines: told, fault } = await read(whole.subarray(0, whole.length - missing));
      expect(keys(told)).toEqual(lines.map((_, index) => `${index}`));
      expect(fault).toMatch(/could not be read beyond line 1300: /);
    }
  });

  it("anywhere gives every line that it holds, whole ones only", async () => {
    for (const share of [0.2, 0.5, 0.9]) {
      const { lines: told, fault } = await read(whole.subarray(0, Math.floor(whole.length * share)));
      expect(told.length).toBeGreaterThan(1_300 * share * 0.5);
      expect(keys(told)).toEqual(lines.slice(0, told.length).map((_, index) => `${index}`));
      expect(fault).toMatch(new RegExp(`could not be read beyond line ${told.length}: unexpected end of file`));
    }
  });

  it("where a byte was changed gives what came before", async () => {
    const changed = Buffer.from(whole);
    changed.fill(0xff, Math.floor(whole.length / 2), Math.floor(whole.length / 2) + 64);
    const { lines: told, fault } = await read(changed);
    expect(fault).toMatch(/could not be read beyond line \d+: /);
    // What the broken place itself turned into is nothing that one can know.
    const known = keys(told).filter((key) => /^\d+$/.test(key));
    expect(known.length).toBeGreaterThan(300);
    expect(known.slice(0, 300)).toEqual(lines.slice(0, 300).map((_, index) => `${index}`));
  });

  it("not, and of several parts put together, gives them all", async () => {
    const file = await archiveOf(gzipSync(`${lines.slice(0, 700).join("\n")}\n`));
    await appendFile(file, gzipSync(lines.slice(700).join("\n")));
    const archive = await openArchive(file);
    const told: ArchiveLine[] = [];
    for await (const line of archive.lines()) told.push(line);
    expect(keys(told)).toEqual(lines.map((_, index) => `${index}`));
    expect(archive.bytesRead()).toBe(archive.bytes);
  });
});

describe("an archive of facts", () => {
  const head = { tidings: "archive", version: 2 };
  const fact = (data: object) =>
    JSON.stringify({ fact: "UserBlocked", id: crypto.randomUUID(), at: "2024-05-01T12:00:00Z", by: "ann", data });
  const blocked = fact({ userId: "ann", blockedId: "bob" });
  const told = async (...lines: string[]) => {
    const { lines: all, fault } = await read([JSON.stringify(head), ...lines].join("\n"));
    return [...all.map((line) => ("fault" in line ? line.fault : "fact")), ...(fault === undefined ? [] : [fault])];
  };

  it("says if it does not hold as many as were written", async () => {
    expect(await told(blocked, "{", JSON.stringify({ end: { facts: 2 } }))).toEqual(["fact", "not JSON"]);
    expect(await told(blocked, JSON.stringify({ end: { facts: 2 } }))).toEqual([
      "fact",
      "the archive had 2 facts when it was written, and here it has 1",
    ]);
  });

  it("is read on behind a line that is far too deep", async () => {
    const deep = blocked.replace(/}$/, `,"x":${"[".repeat(200_000)}${"]".repeat(200_000)}}`);
    expect(await told(deep, blocked, JSON.stringify({ end: { facts: 2 } }))).toEqual(["nested too deeply", "fact"]);
  });
});
