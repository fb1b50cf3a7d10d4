import { mkdir, readdir, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { pack } from "tar-stream";
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from "vitest";
import { type Client, clientOf, pages, type Reachable, registered } from "../../support/client.ts";
import { png } from "../../support/pictures.ts";
import { runTidings, type Server, startServer } from "../../support/server.ts";
import { tempDir } from "../../support/tempDir.ts";
import { filesOf, uploaded } from "../../support/uploading.ts";
import { zipOf } from "../../support/zips.ts";

let folder: Awaited<ReturnType<typeof tempDir>>;
let picture: Buffer;
beforeAll(async () => {
  folder = await tempDir();
  picture = await png(700, 500);
});
afterAll(() => folder.remove());

let names = 0;
const unused = (ending = ""): string => join(folder.path, `${++names}${ending}`);
const run = async (dataDir: string, ...args: string[]) => {
  const { code, out, err } = await runTidings(args, { DATA_DIR: dataDir });
  return { code, out, err, counts: /^(\d+) stored, (\d+) there already, (\d+) refused$/m.exec(out)?.slice(1).map(Number) };
};
const reachable = (server: Server): Reachable => ({
  get address() {
    return server.url;
  },
  token: (user, more) => server.token(user, more),
});

/** What someone is shown of a message's files, and what they get by the addresses. */
async function shown(client: Client, conversation: string, seq: number) {
  const files = (await filesOf(client, conversation, seq)) ?? [];
  const got: unknown[] = [];
  for (const { url, thumbnailUrl, expiresAt, ...file } of files) {
    const answer = await fetch(url);
    const bytes = Buffer.from(await answer.arrayBuffer());
    const small = thumbnailUrl === null ? null : (await fetch(thumbnailUrl)).status;
    got.push({ ...file, small, expires: expiresAt !== null, bytes: bytes.toString("base64") });
  }
  return got;
}

/** All names of files that a store in a folder keeps. */
const keptBy = async (dataDir: string) =>
  (await readdir(join(dataDir, "files", "kept"), { recursive: true, withFileTypes: true }))
    .filter((entry) => entry.isFile())
    .map(({ name }) => name)
    .sort();

/** The first conversation of a kind that someone is in. */
async function roomOf(client: Client, kind: string): Promise<string> {
  const rooms = await pages((after) => client.conversations({ first: 100, after }));
  return rooms.find((room) => room.kind === kind)?.id ?? "";
}

describe("an archive with files", () => {
  it("is written beside them, and tells the same on an empty server, once", async () => {
    const server = await startServer();
    onTestFinished(() => server.remove());
    const here = { address: () => server.address(), token: server.token };
    const [ann, bob] = [await registered(here, "ann"), await registered(here, "bob")];
    await registered(here, "cat");
    const { id } = await uploaded(ann, picture);
    const text = await uploaded(ann, "some words", { name: "a.txt", mediaType: "text/plain" });
    const attachments = [{ uploadId: id }, { uploadId: text.id }];
    await ann.act("sendMessage", { userId: "bob", kind: "FILE", text: "look", attachments });
    await bob.act("forwardMessages", { fromConversationId: "d:ann~bob", seqs: [1], toConversationId: "d:bob~cat" });
    const gone = await uploaded(ann, "a secret", { name: "b.txt", mediaType: "text/plain" });
    await ann.act("sendMessage", { userId: "bob", kind: "FILE", attachments: [{ uploadId: gone.id }] });
    await ann.act("recallMessage", { conversationId: "d:ann~bob", seq: 2 });
    const wanted = await shown(bob, "d:ann~bob", 1);
    expect(wanted).toMatchObject([{ width: 700, small: 200 }, { name: "a.txt" }]);

    const archive = unused();
    expect(await run(server.dataDir, "export", "--all", "--files", archive)).toMatchObject({ code: 0 });
    expect(await readdir(join(archive, "files"))).toHaveLength(2);

    const dataDir = unused();
    const first = await run(dataDir, "import", archive);
    expect(first).toMatchObject({ code: 0, counts: [expect.any(Number), 0, 0] });
    const kept = await keptBy(dataDir);
    expect(kept).toHaveLength(3);
    const other = await startServer({ dataDir });
    onTestFinished(() => other.remove());
    const bobThere = await clientOf(reachable(other), "bob");
    expect(await shown(bobThere, "d:ann~bob", 1)).toEqual(wanted);
    expect(await shown(bobThere, "d:bob~cat", 1)).toEqual(wanted);
    // Through the server now, and nothing is new.
    const again = await run(dataDir, "import", archive);
    expect(again.counts?.[0]).toBe(0);
    expect(await keptBy(dataDir)).toEqual(kept);
    const second = unused();
    expect(await run(dataDir, "export", "--all", "--files", second)).toMatchObject({ code: 0 });
    expect((await readdir(join(second, "files"))).sort()).toEqual((await readdir(join(archive, "files"))).sort());
    expect(server.faults()).toEqual([]);
  });

  it("without them keeps their names, and says how many there are", async () => {
    const server = await startServer();
    onTestFinished(() => server.remove());
    const ann = await registered({ address: () => server.address(), token: server.token }, "ann");
    await registered({ address: () => server.address(), token: server.token }, "bob");
    const { id } = await uploaded(ann, picture);
    await ann.act("sendMessage", { userId: "bob", kind: "IMAGE", attachments: [{ uploadId: id }] });
    const archive = unused();
    await run(server.dataDir, "export", "--all", "--files", archive);
    const { out } = await run(unused(), "import", "--dry-run", join(archive, "archive.jsonl"));
    expect(out).toMatch(/1 {2}MessageSent/);
    const dataDir = unused();
    const { out: told } = await run(dataDir, "import", join(archive, "archive.jsonl"));
    expect(told).toContain("files that are not beside the archive: kept by their names");
    const lines = unused(".jsonl");
    await run(dataDir, "export", "--all", lines);
    const other = await startServer({ dataDir });
    onTestFinished(() => other.remove());
    const bob = await clientOf(reachable(other), "bob");
    expect(await bob.messages("d:ann~bob", { first: 1 })).toMatchObject({ edges: [{ node: { text: "[a.png]" } }] });
  });
});

describe("files of another messenger's archive", () => {
  const post = (path: string) => ({
    type: "post",
    post: { team: "t", channel: "town", user: "ann", message: "look", create_at: 1_500_000_000_000, attachments: [{ path }] },
  });
  const bulk = [
    { type: "version", version: 1 },
    { type: "channel", channel: { team: "t", name: "town", display_name: "Town", type: "O" } },
    { type: "user", user: { username: "ann", teams: [{ name: "t", channels: [{ name: "town" }] }] } },
    post("20240101/teams/x/picture.png"),
  ];
  const lines = bulk.map((line) => JSON.stringify(line)).join("\n");
  const realm = {
    zerver_realm: [{ string_id: "acme" }],
    zerver_userprofile: [1, 2].map((id) => ({ id, full_name: `User ${id}` })),
    zerver_recipient: [{ id: 5, type: 2, type_id: 7 }],
    zerver_stream: [{ id: 7, name: "town" }],
    zerver_subscription: [{ user_profile: 1, recipient: 5, active: true }],
  };
  const message = { id: 1, sender: 1, recipient: 5, content: "[picture.png](/user_uploads/2/ab/picture.png) look", date_sent: 1 };
  const zulip = {
    "zulip-export/messages-000001.json": JSON.stringify({ zerver_message: [message] }),
    "zulip-export/realm.json": JSON.stringify(realm),
    "zulip-export/uploads/2/ab/picture.png": "",
  };
  const event = {
    type: "m.room.message",
    event_id: "$1",
    room_id: "!r",
    sender: "@ann:a.org",
    origin_server_ts: 1,
    content: { msgtype: "m.image", body: "picture.png", url: "mxc://a.org/x", filename: "picture.png", info: {} },
  };
  const users = JSON.stringify([{ id: "U1", name: "ann" }]);
  const channels = JSON.stringify([{ id: "C1", name: "town", creator: "U1", members: ["U1"] }]);
  const file = { id: "F1", name: "picture.png", mimetype: "image/png", url_private: "https://files.example.org/a.png" };
  const day = JSON.stringify([{ type: "message", user: "U1", ts: "1.5", text: "look", files: [file] }]);

  const zipped: Record<string, Readonly<Record<string, string | Buffer>>> = {
    Mattermost: { "import.jsonl": lines, "data/20240101/teams/x/picture.png": "" },
    Element: {
      "Town/export.json": JSON.stringify({ room_name: "Town", messages: [event] }),
      "Town/images/picture-1-1-1970 at 1-00-00.png": "",
    },
    Slack: { "users.json": users, "channels.json": channels, "town/1970-01-01.json": day, "__uploads/F1/picture.png": "" },
    Zulip: zulip,
  };
  /** The picture where a file is empty. */
  const contentOf = (content: string | Buffer) => (content === "" ? picture : Buffer.from(content));

  async function made(kind: string, form: "zip" | "folder" | "tar"): Promise<string> {
    const files = Object.entries(zipped[kind] ?? {});
    const path = unused();
    if (form === "zip") await writeFile(path, zipOf(files.map(([name, content]) => ({ name, content: contentOf(content) }))));
    else if (form === "folder")
      for (const [name, content] of files) {
        await mkdir(dirname(join(path, name)), { recursive: true });
        await writeFile(join(path, name), contentOf(content));
      }
    else {
      const tar = pack();
      for (const [name, content] of files) tar.entry({ name }, contentOf(content));
      tar.finalize();
      const chunks: Buffer[] = [];
      for await (const chunk of tar) chunks.push(chunk as Buffer);
      await writeFile(path, Buffer.concat(chunks));
    }
    return path;
  }

  it.each([
    ["Mattermost", "zip"],
    ["Mattermost", "folder"],
    ["Element", "zip"],
    ["Slack", "folder"],
    ["Zulip", "tar"],
    ["Zulip", "folder"],
  ] as const)("are kept here: %s, %s", async (kind, form) => {
    const dataDir = unused();
    const archive = await made(kind, form);
    // Folders go through a server that runs.
    const running = form === "folder" ? await startServer({ dataDir }) : undefined;
    if (running) onTestFinished(() => running.remove());
    const { code, err, counts } = await run(dataDir, "import", archive);
    expect({ code, err }).toMatchObject({ code: 0, err: "" });
    expect(counts?.[2]).toBe(0);
    expect(await keptBy(dataDir)).toHaveLength(2);
    const server = running ?? (await startServer({ dataDir }));
    if (server !== running) onTestFinished(() => server.remove());
    const { out } = await runTidings(["token", kind === "Zulip" ? "@user.1" : "@ann"], { DATA_DIR: dataDir });
    const id = (JSON.parse(Buffer.from(out.split(".")[1] ?? "", "base64url").toString()) as { sub: string }).sub;
    const ann = await clientOf(reachable(server), id);
    const wanted = { name: "picture.png", mediaType: "image/png", width: 700, height: 500, small: 200 };
    expect(await shown(ann, await roomOf(ann, "GROUP"), 1)).toMatchObject([{ ...wanted, bytes: picture.toString("base64") }]);
    const again = await run(dataDir, "import", archive);
    expect(again.counts?.[0]).toBe(0);
    expect(await keptBy(dataDir)).toHaveLength(2);
  });
});
