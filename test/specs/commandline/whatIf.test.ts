import { existsSync } from "node:fs";
import { mkdir, readdir, utimes, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { levelViewStore } from "../../../src/adapters/viewStore/level/levelViewStore.ts";
import { removeScratches, scratchStore } from "../../../src/server/scratchFolders.ts";
import { registered } from "../../support/client.ts";
import { runTidings, type Server, startServer } from "../../support/server.ts";
import { tempDir } from "../../support/tempDir.ts";

/** `devices` as it is, in JavaScript, with what a test changes of it. */
const devices = ({ version = 1, added = "{ id, kind, name }", name = "devices", more = "" } = {}): string => `
  const put = (table, partition, sort, value) => ({ op: "put", table, partition, sort, value });
  const listed = async (rows, user) => (await rows.get("devices", user, "")) ?? [];
  export const others = [];
  export const devices = {
    name: "${name}",
    version: ${version},
    reads: ["devices"],
    handlers: {
      DeviceAdded: async ({ data: { userId, deviceId: id, kind, name } }, rows) => {
        ${more}
        const before = await listed(rows, userId);
        const added = ${added};
        const isKnown = before.some((device) => device.id === id);
        return [put("devices", userId, "", isKnown ? before.map((device) => (device.id === id ? added : device)) : [...before, added])];
      },
      DeviceRemoved: async ({ data: { userId, deviceId } }, rows) => {
        const left = (await listed(rows, userId)).filter(({ id }) => id !== deviceId);
        return [left.length === 0 ? { op: "del", table: "devices", partition: userId, sort: "" } : put("devices", userId, "", left)];
      },
    },
  };
`;

let server: Server;
let folder: Awaited<ReturnType<typeof tempDir>>;
beforeAll(async () => {
  folder = await tempDir();
  server = await startServer();
  const address = { address: server.url, token: server.token };
  for (const user of ["ann", "bob"]) {
    const client = await registered(address, user);
    await client.act("addDevice", { id: `phone-of-${user}`, kind: "IOS", name: "Phone" });
    await client.act("addDevice", { id: `laptop-of-${user}`, kind: "WEB", name: "Laptop" });
  }
});
afterAll(async () => {
  await server?.remove();
  await folder.remove();
});

let files = 0;
async function fileWith(text: string, ending = ".mjs"): Promise<string> {
  const path = join(folder.path, `projection-${++files}${ending}`);
  await writeFile(path, text);
  return path;
}

const replayed = (file: string, name = "devices") => runTidings(["replay", name, "--with", file], server.environment);

/** What is left of it in DATA_DIR. */
const scratches = async () => readdir(join(server.dataDir, "scratch")).catch(() => []);

describe("tidings replay NAME --with FILE", () => {
  it("says that nothing would differ of a projection that does the same, beside a server that runs", async () => {
    const { code, out, err } = await replayed(await fileWith(devices()));
    expect({ code, err }).toEqual({ code: 0, err: "" });
    expect(out).toMatch(
      /^devices@1, as it is, and devices@1, of .*, were folded up to [a-z0-9]{8}\.[0-9a-z]+, .*: 2 rows were compared\n0 rows would differ\n$/,
    );
    expect(await scratches()).toEqual([]);
  });

  it("counts what would differ by table, and shows rows of before and after; what is read stays as it is", async () => {
    const text = devices({
      version: 2,
      added: "{ id, kind, name, short: name.slice(0, 1) }",
      more: 'if (userId === "bob") return [put("byKind", kind, userId, id)];',
    });
    const { code, out, err } = await replayed(await fileWith(text));
    expect({ code, err }).toEqual({ code: 0, err: "" });
    const lines = out.trimEnd().split("\n").slice(1);
    const device = (kind: string, user: string, more = "") =>
      `{"id":"${kind}-of-${user}",${kind === "phone" ? '"kind":"IOS","name":"Phone"' : '"kind":"WEB","name":"Laptop"'}${more}}`;
    expect(lines).toEqual([
      "byKind: 0 rows would have another value, 0 would be gone, 2 would be new",
      '  ["IOS","bob"]',
      "    now:  (none)",
      '    then: "phone-of-bob"',
      '  ["WEB","bob"]',
      "    now:  (none)",
      '    then: "laptop-of-bob"',
      "devices: 1 rows would have another value, 1 would be gone, 0 would be new",
      '  ["ann",""]',
      `    now:  [${device("phone", "ann")},${device("laptop", "ann")}]`,
      `    then: [${device("phone", "ann", ',"short":"P"')},${device("laptop", "ann", ',"short":"L"')}]`,
      '  ["bob",""]',
      `    now:  [${device("phone", "bob")},${device("laptop", "bob")}]`,
      "    then: (none)",
      "4 rows would differ",
    ]);
    expect((await runTidings(["verify", "devices"], server.environment)).out).toContain("devices: 0 differences");
  });

  it("says that a version that is not raised is not built", async () => {
    const { out } = await replayed(await fileWith(devices({ added: "{ id }" })));
    expect(out).toContain("both are devices@1: raise the version");
  });

  it("says of how many events it throws, and that it would not be put in place; also where it gives what is no write", async () => {
    for (const [more, why] of [
      ['if (userId === "bob") throw new Error("no bob");', "no bob"],
      ['if (userId === "bob") return [{ op: "put", table: "devices", partition: userId, sort: "" }];', "what is no write"],
      ['if (userId === "bob") return "nothing";', "no list of writes"],
    ] as const) {
      const { code, out } = await replayed(await fileWith(devices({ version: 2, more })));
      expect(code).toBe(1);
      expect(out).toMatch(new RegExp(`devices@2 could not handle 2 events, or what waits behind them: .*${why}`));
      expect(out).toContain("a replay would not put devices@2 in the place of devices@1: mend it first");
      expect(out).toContain("1 rows would differ");
    }
  });

  it.each([
    ["it is not there", undefined, /cannot be loaded: Cannot find module/],
    ["it is no program", "this is no program", /cannot be loaded: /],
    ["it throws", 'throw new Error("not today");', /cannot be loaded: not today/],
    ["it exports nothing", "export const some = 1;", /exports no projection: an object with name, version, reads and handlers/],
    ["it declares another name", devices({ name: "machines" }), /declares machines, and not devices/],
    ["it has no version", 'export const one = { name: "devices", reads: [], handlers: {} };', /version is no whole number/],
    [
      "it reads what is no list",
      'export const one = { name: "devices", version: 1, reads: "x", handlers: {} };',
      /reads is no list/,
    ],
    [
      "it handles what there is not",
      'export const one = { name: "devices", version: 1, reads: [], handlers: { DeviceEaten: () => [] } };',
      /it handles DeviceEaten, and there is no such type of event/,
    ],
    [
      "a handler is none",
      'export const one = { name: "devices", version: 1, reads: [], handlers: { DeviceAdded: true } };',
      /the handler of DeviceAdded is no function/,
    ],
  ])("says what is wrong with a file: %s", async (_, text, why) => {
    const { code, out, err } = await replayed(text === undefined ? join(folder.path, "absent.mjs") : await fileWith(text));
    expect({ code, out }).toEqual({ code: 1, out: "" });
    expect(err).toMatch(why);
  });

  it("is of one view, and of all its conversations", async () => {
    const file = await fileWith(devices());
    for (const name of ["search", "all", "nothing"]) expect((await replayed(file, name)).err).toContain(`${name} is no view`);
    const { code, err } = await runTidings(["replay", "devices", "--with", file, "--conversation", "g:x"], server.environment);
    expect(code).toBe(1);
    expect(err).toMatch(/--with.*cannot be used with.*--conversation/);
  });
});

describe("the folders of rows that nobody else reads", () => {
  const old = new Date(Date.now() - 3_600_000);

  it("are removed with the store, and what a killed process left by the next who comes; not those in use", async () => {
    const { path: dataDir, remove } = await tempDir();
    try {
      const place = join(dataDir, "scratch");
      const left = join(place, "rows-left");
      await mkdir(left, { recursive: true });
      await (await levelViewStore(left)).close();
      await mkdir(join(place, "not-ours"));
      await utimes(left, old, old);
      const store = await scratchStore(dataDir);
      expect(existsSync(left)).toBe(false);
      const own = (await readdir(place)).filter((name) => name.startsWith("rows-"));
      expect(own).toHaveLength(1);
      await utimes(join(place, own[0] ?? ""), old, old);
      await removeScratches(dataDir);
      expect((await readdir(place)).sort()).toEqual(["not-ours", ...own]);
      await store.close();
      expect(await readdir(place)).toEqual(["not-ours"]);
    } finally {
      await remove();
    }
  });

  it("are removed when a server starts", async () => {
    const { path: dataDir, remove } = await tempDir();
    const left = join(dataDir, "scratch", "rows-left");
    await mkdir(left, { recursive: true });
    await (await levelViewStore(left)).close();
    await utimes(left, old, old);
    const started = await startServer({ dataDir });
    try {
      expect(existsSync(left)).toBe(false);
    } finally {
      await started.remove();
      await remove();
    }
  });
});
