import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { cp, mkdir, readFile, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { promisify } from "node:util";
import { gzipSync } from "node:zlib";
import { rolldown } from "rolldown";
import { parse, validate } from "graphql";
import ts from "typescript";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { buildSchema } from "../../src/api/schema.ts";
import { typeDefs } from "../../src/api/generated.ts";
import * as operations from "../../src/client/operations.ts";
import { readDocuments } from "../../src/server/documents.ts";
import { apiServer } from "../support/apiServer.ts";
import { tempDir } from "../support/tempDir.ts";
import { until } from "../support/until.ts";
import { registered } from "./support/people.ts";

const run = promisify(execFile);
const root = fileURLToPath(new URL("../..", import.meta.url));

/** What a browser loads for it, in bytes, compressed; React is the page's own. */
const MAX_BYTES = 30_000;

let project: Awaited<ReturnType<typeof tempDir>>;

/** Packed, and installed in an empty project without a network: its dependencies are those of this repository. */
beforeAll(async () => {
  project = await tempDir();
  const { path } = project;
  const packed = await run("npm", ["pack", "--json", "--pack-destination", path], { cwd: join(root, "src/client") });
  const [{ filename }] = JSON.parse(packed.stdout.slice(packed.stdout.indexOf("["))) as [{ filename: string }];
  const folder = join(path, "node_modules/tidings-client");
  await mkdir(folder, { recursive: true });
  await run("tar", ["-xzf", join(path, filename), "--strip-components=1", "-C", folder]);
  const { dependencies } = JSON.parse(await readFile(join(folder, "package.json"), "utf8")) as {
    dependencies: Record<string, string>;
  };
  const require = createRequire(import.meta.url);
  for (const name of [...Object.keys(dependencies), "graphql", "react", "react-dom", "scheduler", "loose-envify", "js-tokens"]) {
    const installed = join(root, "node_modules", name);
    await cp(installed, join(path, "node_modules", name), { recursive: true }).catch((error: { code?: string }) => {
      if (error.code !== "ENOENT") throw error;
    });
  }
  for (const name of ["@types/react", "csstype"]) {
    const folder = dirname(require.resolve(`${name}/package.json`));
    await cp(folder, join(path, "node_modules", name), { recursive: true });
  }
  await writeFile(join(path, "package.json"), JSON.stringify({ type: "module", private: true }));
}, 120_000);
afterAll(() => project.remove());

describe("the package", () => {
  it("runs in an empty project, with React and without", async () => {
    await writeFile(
      join(project.path, "chat.js"),
      `import { createClient } from "tidings-client";
       import { SendMessage } from "tidings-client/operations";
       import { TidingsProvider, useConversations } from "tidings-client/react";
       import { createElement } from "react";
       import { renderToString } from "react-dom/server";
       class NoSocket { constructor() { throw new Error("none"); } }
       const client = createClient({ url: "http://127.0.0.1:1/graphql", token: () => "token", webSocket: NoSocket });
       const List = () => String(useConversations().items.length);
       console.log(typeof SendMessage, renderToString(createElement(TidingsProvider, { client }, createElement(List))));
       await client.close();`,
    );
    const { stdout } = await run(process.execPath, ["chat.js"], { cwd: project.path });
    expect(stdout).toBe("string 0\n");
  });

  it("has types that a strict project compiles with", async () => {
    await writeFile(
      join(project.path, "chat.ts"),
      `import { createClient, type Client, type MessageItem } from "tidings-client";
       import { SearchMessages } from "tidings-client/operations";
       import { useMessages } from "tidings-client/react";
       const client: Client = createClient({ url: "/graphql", token: async () => "token" });
       const { searchMessages } = await client.request(SearchMessages, { query: { text: "hello" }, first: 10 });
       export const count: number = searchMessages?.totalCount ?? 0;
       // @ts-expect-error: a variable is missing
       void client.request(SearchMessages, { first: 10 });
       export const Text = ({ id }: { id: string }): string =>
         useMessages(id).items.map((item: MessageItem) => (item.type === "message" ? item.text : item.type)).join();`,
    );
    const compilerOptions = {
      strict: true,
      noEmit: true,
      target: "ES2022",
      module: "nodenext",
      moduleResolution: "nodenext",
      lib: ["ES2022", "DOM", "DOM.Iterable"],
      types: [],
    };
    await writeFile(join(project.path, "tsconfig.json"), JSON.stringify({ compilerOptions, files: ["chat.ts"] }));
    const tsc = createRequire(import.meta.url).resolve("typescript/bin/tsc");
    const { stdout } = await run(process.execPath, [tsc, "-p", project.path]).catch((error: { stdout: string }) => error);
    expect(stdout).toBe("");
  }, 60_000);

  it("is a chat in 35 lines, as docs/client.md has it", async () => {
    const page = await readFile(join(root, "docs/client.md"), "utf8");
    const [, source = ""] = /```ts\n\/\/ chat\.ts\n(.*?)```/s.exec(page) ?? [];
    expect(source.trimEnd().split("\n").length).toBeLessThanOrEqual(35);
    const { outputText } = ts.transpileModule(source, {
      compilerOptions: { target: ts.ScriptTarget.ES2022, module: ts.ModuleKind.ESNext },
    });
    await writeFile(join(project.path, "terminal.js"), outputText);
    // Node 20 has no WebSocket of its own.
    const socket = pathToFileURL(createRequire(import.meta.url).resolve("ws")).href;
    await writeFile(
      join(project.path, "socket.js"),
      `import ws from ${JSON.stringify(socket)}; globalThis.WebSocket ??= ws.WebSocket;`,
    );
    await using server = await apiServer();
    const [, bob] = [await registered(server, "alice"), await registered(server, "bob")];
    await bob.do("sendMessage", { userId: "alice", text: "Hello Alice" });
    const url = `${server.address}/graphql`;
    const child = spawn(process.execPath, ["--import", "./socket.js", "terminal.js", url, await server.token("alice")], {
      cwd: project.path,
    });
    let said = "";
    child.stdout.on("data", (data) => (said += String(data)));
    child.stderr.on("data", (data) => (said += String(data)));
    const ended = once(child, "close");
    await until("it prints what came", () => said.includes("bob's name: Hello Alice")).catch(() => expect(said).toBe(""));
    child.stdin.write("Hello Bob\n");
    await until("what was typed is sent", async () => {
      const { viewer } = await bob.ask<{ viewer: { unreadTotal: number } }>("{ viewer { unreadTotal } }");
      return viewer.unreadTotal === 1;
    });
    child.stdin.end();
    await ended;
  }, 60_000);

  it("has the schema that its operations were made from", async () => {
    expect(await readFile(join(project.path, "node_modules/tidings-client/dist/schema.graphql"), "utf8")).toBe(typeDefs);
  });

  it("has its documents, as a server is given them", async () => {
    const schema = buildSchema();
    const given = await readDocuments(join(project.path, "node_modules/tidings-client/dist/documents.json"), schema);
    expect(new Set(given.values())).toEqual(new Set<string>(Object.values(operations)));
  });

  it(`is loaded in less than ${MAX_BYTES} bytes, compressed`, async () => {
    const bundle = await rolldown({ input: join(project.path, "node_modules/tidings-client/dist/index.js"), cwd: project.path });
    const { output } = await bundle.generate({ format: "esm", minify: true });
    await bundle.close();
    const bytes = output.reduce((sum, chunk) => sum + (chunk.type === "chunk" ? gzipSync(chunk.code).length : 0), 0);
    process.stdout.write(`tidings-client: ${bytes} bytes\n`);
    expect(bytes).toBeLessThan(MAX_BYTES);
  });

  it("asks nothing that the schema does not have", () => {
    const schema = buildSchema();
    for (const text of Object.values(operations)) expect(validate(schema, parse(text))).toEqual([]);
  });
});
