import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { brotliCompressSync } from "node:zlib";
import { expect, test } from "vitest";
import { running } from "../../support/runningApp.ts";
import { tempDir } from "../../support/tempDir.ts";

const SCRIPT = "console.log('the page');".repeat(100);
const WORKER = "self.addEventListener('push', () => {});".repeat(100);

/** What Vite would make. */
async function built(): Promise<string> {
  const { path } = await tempDir();
  await mkdir(join(path, "assets"));
  await writeFile(join(path, "index.html"), "<!doctype html><title>the page</title>");
  await writeFile(join(path, "worker.js"), WORKER);
  await writeFile(join(path, "worker.js.br"), brotliCompressSync(WORKER));
  await writeFile(join(path, "assets", "index-abc.js"), SCRIPT);
  await writeFile(join(path, "assets", "index-abc.js.br"), brotliCompressSync(SCRIPT));
  return path;
}

test("the page is given at its own paths, with a policy that lets it run nothing else", async () => {
  await using server = await running({ ide: true }, { page: await built() });
  const at = (path: string, init: RequestInit = {}) =>
    fetch(`http://127.0.0.1:${server.port}${path}`, { redirect: "manual", ...init });
  for (const path of ["/", "/c/d%3Aann~ben", "/c/g%3A1/12", "/people", "/search?q=x", "/code/abc", "/me"]) {
    const page = await at(path);
    expect([page.status, page.headers.get("content-type"), page.headers.get("cache-control")], path).toEqual([
      200,
      "text/html; charset=utf-8",
      "no-cache",
    ]);
    const policy = page.headers.get("content-security-policy") ?? "";
    expect(policy).toContain("default-src 'none'; script-src 'self'; worker-src 'self'; style-src 'self'");
    expect(policy).not.toContain("unsafe");
  }
  const etag = (await at("/")).headers.get("etag") ?? "";
  expect((await at("/", { headers: { "if-none-match": etag, "cache-control": "max-age=0" } })).status).toBe(304);
});

test("its worker is looked for anew each time, may ask nobody, and is for the whole page", async () => {
  await using server = await running({}, { page: await built() });
  for (const encoding of ["br", "identity"]) {
    const worker = await fetch(`http://127.0.0.1:${server.port}/worker.js`, { headers: { "accept-encoding": encoding } });
    expect(await worker.text()).toBe(WORKER);
    const said = Object.fromEntries(worker.headers);
    expect(said).toMatchObject({
      "content-type": expect.stringMatching(/^(text|application)\/javascript/) as string,
      "content-security-policy": "default-src 'none'; frame-ancestors 'none'",
      "cache-control": "no-cache",
      "x-content-type-options": "nosniff",
    });
  }
  const etag = (await fetch(`http://127.0.0.1:${server.port}/worker.js`)).headers.get("etag") ?? "";
  const again = { "if-none-match": etag, "cache-control": "max-age=0" };
  expect((await fetch(`http://127.0.0.1:${server.port}/worker.js`, { headers: again })).status).toBe(304);
});

test("its assets are kept for a year, and sent compressed where that can be read", async () => {
  await using server = await running({}, { page: await built() });
  for (const [encoding, expected] of [
    ["br", "br"],
    ["identity", null],
  ] as const) {
    const asset = await fetch(`http://127.0.0.1:${server.port}/assets/index-abc.js`, {
      headers: { "accept-encoding": encoding },
    });
    expect(await asset.text()).toBe(SCRIPT);
    expect(asset.headers.get("content-encoding")).toBe(expected);
    expect(asset.headers.get("cache-control")).toBe("public, max-age=31536000, immutable");
    expect(asset.headers.get("vary")).toContain("accept-encoding");
  }
  for (const path of ["/assets/other.js", "/assets/..%2findex.html", "/assets/../../package.json", "/assets/"])
    expect((await fetch(`http://127.0.0.1:${server.port}${path}`)).status, path).toBe(404);
});

test("it takes no path from others, and says whether one may pick a name", async () => {
  const developmentToken = async () => ({ token: "t" });
  await using server = await running({ ide: true }, { page: await built(), developmentToken });
  const at = (path: string, init?: RequestInit) => fetch(`http://127.0.0.1:${server.port}${path}`, init);
  expect((await server.ask("{ __typename }")).errors).toBeUndefined();
  for (const path of ["/live", "/ready", "/metrics", "/graphiql"])
    expect((await at(path)).headers.get("content-security-policy") ?? "", path).not.toContain("media-src");
  for (const path of ["/nowhere", "/c", "/c/a/b/c", "/people/x"]) expect((await at(path)).status, path).toBe(404);
  expect(await (await at("/page.json")).json()).toEqual({ developmentTokens: true });

  await using production = await running({ production: true }, { page: await built() });
  expect(await (await fetch(`http://127.0.0.1:${production.port}/page.json`)).json()).toEqual({ developmentTokens: false });
});

test("where it was not built, it says so; where it is switched off, there is none", async () => {
  await using server = await running({}, { page: (await tempDir()).path });
  const answer = await fetch(`http://127.0.0.1:${server.port}/`);
  expect([answer.status, await answer.json()]).toEqual([404, { error: "the page is not built: run `npm run build`" }]);
  await using without = await running();
  for (const path of ["/", "/page.json", "/people"])
    expect((await fetch(`http://127.0.0.1:${without.port}${path}`)).status, path).toBe(404);
});
