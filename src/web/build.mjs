// Builds the chat page into dist/web, if anything that it is made of is newer than what is there. WEB=off: there is no page.
//   node src/web/build.mjs
import { readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("../..", import.meta.url));
const made = join(root, "dist", "web", "index.html");
const SOURCES = ["src/web", "src/client", "package.json"];

const modified = (path) => statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0;
const newest = (path) =>
  statSync(path, { throwIfNoEntry: false })?.isDirectory()
    ? Math.max(modified(path), ...readdirSync(path, { recursive: true }).map((name) => modified(join(path, name))))
    : modified(path);

if (process.env.WEB !== "off" && SOURCES.some((source) => newest(join(root, source)) > modified(made))) {
  const { build } = await import("vite");
  await build({ configFile: join(root, "src", "web", "vite.config.ts"), logLevel: "warn" });
}
