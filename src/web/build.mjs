// Builds the chat page into dist/web, if anything that it is made of is newer than what is there. WEB=off: there is no page.
//   node src/web/build.mjs
import { mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("../..", import.meta.url));
const made = join(root, "dist", "web", "index.html");
const SOURCES = ["src/web", "src/client", "package.json"];

const modified = (path) => statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0;
const newest = (path) =>
  statSync(path, { throwIfNoEntry: false })?.isDirectory()
    ? Math.max(...namesIn(path).map((name) => modified(join(path, name))))
    : modified(path);
// What the client's package is built into is made of the same.
const namesIn = (path) => readdirSync(path, { recursive: true }).filter((name) => !/^dist\b/.test(name));

const isStale = () => SOURCES.some((source) => newest(join(root, source)) > modified(made));

const lock = join(root, "dist", "web.lock");
/** No build takes so long: its builder was ended, and another process may have its number now. */
const OLD_MS = 300_000;
const isAlive = (pid) => {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
};
/** Empty where it has just gone, or is just being written. */
const holderOf = (file) => {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return "";
  }
};
/** Of two that build it, one waits: a build begins with an empty folder. */
async function alone(work) {
  mkdirSync(dirname(lock), { recursive: true });
  for (;;) {
    try {
      writeFileSync(lock, String(process.pid), { flag: "wx" });
      break;
    } catch (error) {
      if (error.code !== "EEXIST") throw error;
    }
    const holder = holderOf(lock);
    const isLeft = (holder !== "" && !isAlive(Number(holder))) || Date.now() - modified(lock) > OLD_MS;
    if (isLeft) rmSync(lock, { force: true });
    else await setTimeout(50);
  }
  try {
    await work();
  } finally {
    rmSync(lock, { force: true });
  }
}

if (process.env.WEB !== "off" && isStale())
  await alone(async () => {
    if (!isStale()) return;
    // Whoever calls it, a test too: else it has React for development in it, which takes several times as long for everything.
    process.env.NODE_ENV = "production";
    const { build } = await import("vite");
    await build({ configFile: join(root, "src", "web", "vite.config.ts"), logLevel: "warn" });
  });
