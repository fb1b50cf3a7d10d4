// Bundles the server into dist/src, if anything that it is made of is newer than what is there; `node build.mjs bench` bundles it
// with its benchmarks into dist/bench. `npm run typecheck` checks types: this does not.
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import { dirname, join, relative, sep } from "node:path";
import { fileURLToPath } from "node:url";
import { decode, encode } from "@jridgewell/sourcemap-codec";

const root = dirname(fileURLToPath(import.meta.url));
const bench = process.argv[2] === "bench";
const into = join(root, "dist", bench ? "bench" : "", "src");

/** What a process or a thread begins with: files that keep their path, and share what else they need. */
const ENTRIES = [
  "main",
  "stacks",
  "server/projectorThread",
  "server/builderThread",
  "server/indexerThread",
  "server/auditThread",
  "adapters/eventStore/sqlite/worker",
  "adapters/eventStore/sqlite/copyThread",
  "adapters/eventStore/sqlite/readAheadThread",
  "adapters/eventStore/eventstoredb/worker",
  "adapters/searchIndex/sqlite/worker",
  "adapters/pictures/process",
];
const BENCHMARKS = [
  "main",
  "load",
  "part",
  "rawServer",
  "replayer",
  "server",
  "sliceFolder",
  "storingServer",
  "subscribers",
  "threads",
];

/** Stays in node_modules: what has native parts, what looks for files of its own, and what a server may never use. */
const EXTERNAL = [
  "@photostructure/sqlite",
  "classic-level",
  "@eventstore/db-client",
  "@grpc/grpc-js",
  "google-protobuf",
  "@elastic/elasticsearch",
  "pg",
  "sharp",
  "@fastify/ajv-compiler",
  "@fastify/fast-json-stringify-compiler",
  "light-my-request",
];

/** Files of earlier builds are kept for so long, in milliseconds: servers that run may still load them. */
const KEPT_MS = 7 * 86_400_000;

const modified = (path) => statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0;
const filesOf = (folder) =>
  existsSync(folder)
    ? readdirSync(folder, { recursive: true, withFileTypes: true })
        .filter((entry) => entry.isFile())
        .map((entry) => join(entry.parentPath, entry.name))
    : [];

const made = join(into, "main.js");
const sources = ["src", "projections", ...(bench ? ["test/bench", "test/support"] : [])].flatMap((folder) =>
  filesOf(join(root, folder)),
);
const newest = [...sources, ...["build.mjs", "package-lock.json", "tsconfig.json"].map((name) => join(root, name))];
async function build() {
  const { rolldown } = await import("rolldown");
  const bundle = await rolldown({
    cwd: root,
    input: {
      ...Object.fromEntries(ENTRIES.map((name) => [name, `src/${name}.ts`])),
      ...(bench ? Object.fromEntries(BENCHMARKS.map((name) => [`bench/${name}`, `test/bench/${name}.ts`])) : {}),
    },
    platform: "node",
    tsconfig: "tsconfig.json",
    plugins: [withoutCompilersOfJson],
    external: (id) => EXTERNAL.some((name) => id === name || id.startsWith(`${name}/`)),
  });
  const { output } = await bundle.generate({
    format: "esm",
    sourcemap: true,
    // Beside the benchmarks, which start others by where they are themselves.
    chunkFileNames: `${bench ? "bench" : "chunks"}/[name]-[hash].js`,
    banner: ({ isEntry, fileName, name }) =>
      isEntry && ENTRIES.includes(name) && name !== "stacks"
        ? `import "${"../".repeat(fileName.split("/").length - 1) || "./"}stacks.js";`
        : "",
    // The licences are in a file of their own.
    comments: false,
    minify: { compress: true, mangle: process.env.MANGLE === "1", codegen: { removeWhitespace: true } },
  });
  await bundle.close();
  const files = new Map([["LICENCES.txt", licencesOf(output)]]);
  for (const { fileName, type, code, map } of output) {
    if (type !== "chunk") continue;
    const [text, mappings] = inAscii(code, map?.mappings ?? "");
    files.set(fileName, text);
    // Without the sources themselves: stack traces need names and lines.
    if (map) files.set(`${fileName}.map`, JSON.stringify({ ...map, mappings, sourcesContent: undefined }));
  }
  // What others load is there before them, and a file appears at once: others may be running it.
  const order = [...files.keys()].sort((one, other) => rank(one) - rank(other));
  for (const name of order) write(join(into, name), files.get(name));
  for (const file of filesOf(into))
    if (!files.has(relative(into, file).replaceAll(sep, "/")) && modified(file) < Date.now() - KEPT_MS) rmSync(file);
}

const rank = (name) => (name === "main.js" ? 2 : /(^|\/)(chunks|bench)\//.test(name) ? 0 : 1);

/**
 * graphql-jit asks for a compiler of JSON schemas, and uses it only where a server wants its answers written by one. Its text and
 * its objects would take 3 MiB of each server's memory.
 */
const withoutCompilersOfJson = {
  name: "without-compilers-of-json",
  resolveId: (id, importer) => (id === "fast-json-stringify" && importer?.includes("graphql-jit") ? "\0no-compiler" : null),
  load: (id) =>
    id === "\0no-compiler" ? 'export default () => { throw new Error("the build has no compiler of JSON schemas"); }' : null,
};

/** V8 holds a text in two bytes a character if one character is not Latin. Most files have a few of them, in texts and patterns. */
function inAscii(code, mappings) {
  const wide = /[^\0-\x7f]/g;
  const escape = (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`;
  if (code.length <= 5 * (code.match(wide)?.length ?? 0)) return [code, mappings];
  const lines = code.split("\n");
  const decoded = decode(mappings);
  for (const [number, line] of lines.entries()) {
    const places = [...line.matchAll(wide)].map(({ index }) => index);
    if (places.length === 0) continue;
    let before = 0;
    for (const segment of decoded[number] ?? []) {
      while (places[before] < segment[0]) before += 1;
      segment[0] += before * (escape("x").length - 1);
    }
    lines[number] = line.replace(wide, escape);
  }
  return [lines.join("\n"), encode(decoded)];
}

function write(target, text) {
  mkdirSync(dirname(target), { recursive: true });
  const half = `${target}.${process.pid}`;
  writeFileSync(half, text);
  renameSync(half, target);
}

/** The licences of all packages that are in the files, as they ask for. */
function licencesOf(output) {
  const folders = new Set();
  for (const { moduleIds = [] } of output)
    for (const id of moduleIds) {
      const inPackages = id.lastIndexOf(`${sep}node_modules${sep}`);
      if (inPackages < 0) continue;
      const [scope, name] = id.slice(inPackages + "/node_modules/".length).split(sep);
      folders.add(join(id.slice(0, inPackages), "node_modules", scope, scope.startsWith("@") ? name : ""));
    }
  const parts = [...folders].map((folder) => {
    const { name, version, license, author } = JSON.parse(readFileSync(join(folder, "package.json"), "utf8"));
    const texts = readdirSync(folder, { withFileTypes: true })
      .filter((entry) => entry.isFile() && /^(licen[cs]e|notice|copying)/i.test(entry.name))
      .map((entry) => join(folder, entry.name));
    const by = typeof author === "string" ? author : author?.name;
    const text = texts.map((file) => readFileSync(file, "utf8").trim()).join("\n\n") || `${license}${by ? `, ${by}` : ""}`;
    return `${name} ${version} (${license})\n\n${text}\n`;
  });
  return `What these files hold of other packages, and their licences.\n\n${parts.sort().join(`\n${"-".repeat(80)}\n\n`)}`;
}

if (newest.some((file) => modified(file) > modified(made))) await build();
