import { mkdir, readdir, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { cruise, type ICruiseOptions, type ICruiseResult, type IForbiddenRuleType } from "dependency-cruiser";
import extractDepcruiseOptions from "dependency-cruiser/config-utl/extract-depcruise-options";
import { afterAll, beforeAll, expect, test } from "vitest";
import { tempDir } from "../../support/tempDir.ts";

/*
 * Each rule of .dependency-cruiser.cjs is broken on purpose, in a small tree that has the folders of this one, and must say so. A
 * rule that nothing breaks here fails, and so does a folder that no rule is about.
 */

const root = fileURLToPath(new URL("../../..", import.meta.url));

/** For each rule, files that break it: what each of them imports. They may break other rules, too. */
const BREACHES: Record<string, Record<string, string>> = {
  "domain-is-pure": { "src/domain/asksAPort.ts": "../ports/any.ts" },
  "domain-imports-zod-only": { "src/domain/asksAPackage.ts": "shipped" },
  "ports-are-types": { "src/ports/asksTheDomain.ts": "../domain/any.ts" },
  "log-adapter": { "src/adapters/eventStore/asksAnother.ts": "../viewStore/any.ts" },
  "view-adapter": { "src/adapters/viewStore/asksTheDomain.ts": "../../domain/any.ts" },
  "signal-adapter": { "src/adapters/signals/asksProjecting.ts": "../../projecting/any.ts" },
  "last-seen-adapter": { "src/adapters/lastSeen/asksTheDomain.ts": "../../domain/any.ts" },
  "files-adapter": { "src/adapters/files/asksTheDomain.ts": "../../domain/any.ts" },
  "push-adapter": { "src/adapters/push/asksTheDomain.ts": "../../domain/any.ts" },
  "outbox-adapter": { "src/adapters/outbox/asksTheDomain.ts": "../../domain/any.ts" },
  "push-outbox-adapter": { "src/adapters/pushOutbox/asksTheDomain.ts": "../../domain/any.ts" },
  "pictures-adapter": { "src/adapters/pictures/asksTheDomain.ts": "../../domain/any.ts" },
  "webhook-outbox-adapter": { "src/adapters/webhookOutbox/asksTheDomain.ts": "../../domain/any.ts" },
  "webhook-post-adapter": { "src/adapters/webhookPost/asksTheDomain.ts": "../../domain/any.ts" },
  presence: { "src/presence/asksProjecting.ts": "../projecting/any.ts" },
  "search-adapter": { "src/adapters/searchIndex/asksTheDomain.ts": "../../domain/any.ts" },
  "only-the-server-knows-adapters": { "src/commands/asksAnAdapter.ts": "../adapters/viewStore/any.ts" },
  "projecting-is-how": { "src/projecting/asksCommands.ts": "../commands/any.ts" },
  "generations-of-any-store": { "src/projecting/generations/asksForAnIndex.ts": "../../ports/searchIndex.ts" },
  "projections-are-what": { "projections/asksDelivery.ts": "../src/delivery/any.ts" },
  "sealing-of-any-log": { "src/sealing/asksProjecting.ts": "../projecting/any.ts" },
  "key-store-adapter": { "src/adapters/keyStore/asksTheDomain.ts": "../../domain/any.ts" },
  "audit-of-any-log": { "src/audit/asksTheDomain.ts": "../domain/any.ts" },
  "tree-adapter": { "src/adapters/auditTree/asksTheDomain.ts": "../../domain/any.ts" },
  "commands-know-no-caller": { "src/commands/asksTheApi.ts": "../api/any.ts" },
  "processes-call-commands": { "src/processes/asksTheApi.ts": "../api/any.ts" },
  "only-the-server-starts-processes": { "src/api/startsProcesses.ts": "../processes/any.ts" },
  delivery: { "src/delivery/asksCommands.ts": "../commands/any.ts" },
  "transport-knows-graphql-alone": { "src/transport/asksTheDomain.ts": "../domain/any.ts" },
  api: { "src/api/asksTransport.ts": "../transport/any.ts" },
  "areas-of-the-api-stand-apart": { "src/api/groups/asksUsers.ts": "../users/any.ts" },
  "areas-of-the-api-meet-in-one-file": { "src/api/asksAnArea.ts": "./users/any.ts" },
  server: { "src/server/asksTheCommandLine.ts": "../commandline/any.ts" },
  "command-line": { "src/commandline/asksTheApi.ts": "../api/any.ts" },
  "client-library": { "src/client/asksTheApi.ts": "../api/any.ts" },
  "client-library-runs-in-browsers": { "src/client/asksAPackage.ts": "shipped" },
  "react-in-its-binding-alone": { "src/client/asksReact.ts": "react" },
  "the-server-knows-no-client": { "src/server/asksTheClient.ts": "../client/any.ts" },
  settings: { "src/config.ts": "./server/any.ts" },
  start: { "src/main.ts": "./server/any.ts" },
  web: { "src/web/asksTheApi.ts": "../api/any.ts" },
  examples: { "examples/asksTheApi.ts": "../src/api/any.ts" },
  "no-tests-in-what-ships": { "src/server/asksATest.ts": "../../test/any.ts" },
  "no-cycles": { "src/api/asksTheOther.ts": "./asksTheOne.ts", "src/api/asksTheOne.ts": "./asksTheOther.ts" },
  "no-unresolvable": { "test/asksNothing.ts": "./nowhere.ts" },
  "ships-with-dependencies": { "src/transport/asksATool.ts": "tool" },
};

/** What they import: one file a folder, a package that ships and a tool that does not. */
const TREE: Record<string, string> = {
  "package.json": JSON.stringify({ type: "module", dependencies: { shipped: "1", react: "1" }, devDependencies: { tool: "1" } }),
  ...packageFiles("shipped"),
  ...packageFiles("tool"),
  ...packageFiles("react"),
  "projections/any.ts": "export const any = 1;",
  "test/any.ts": "export const any = 1;",
  "examples/any.ts": "export const any = 1;",
  "src/api/users/any.ts": "export const any = 1;",
  "src/ports/searchIndex.ts": "export const any = 1;",
  ...Object.fromEntries(
    [
      "adapters/viewStore",
      "api",
      "client",
      "commandline",
      "commands",
      "delivery",
      "domain",
      "ports",
      "processes",
      "projecting",
      "server",
      "transport",
    ].map((folder) => [`src/${folder}/any.ts`, "export const any = 1;"]),
  ),
};

function packageFiles(name: string): Record<string, string> {
  const at = `node_modules/${name}`;
  return {
    [`${at}/package.json`]: JSON.stringify({ name, version: "1.0.0", type: "module", exports: "./index.js" }),
    [`${at}/index.js`]: "export const any = 1;",
  };
}

let options: ICruiseOptions;
let rules: readonly IForbiddenRuleType[];
let tree: Awaited<ReturnType<typeof tempDir>>;
beforeAll(async () => {
  options = await extractDepcruiseOptions(join(root, ".dependency-cruiser.cjs"));
  rules = options.ruleSet?.forbidden ?? [];
  tree = await tempDir();
});
afterAll(() => tree.remove());

/** The rules that are broken in the tree once it has these files too, each with the file that breaks it. */
async function broken(files: Record<string, string>): Promise<{ rule: string; from: string }[]> {
  for (const [name, text] of Object.entries(files)) {
    await mkdir(dirname(join(tree.path, name)), { recursive: true });
    await writeFile(join(tree.path, name), text);
  }
  const { output } = await cruise(["src", "projections", "test", "examples"], { ...options, baseDir: tree.path });
  return (output as ICruiseResult).summary.violations.map(({ rule, from }) => ({ rule: rule.name, from }));
}

test("each rule reports its breach", async () => {
  expect(await broken(TREE)).toEqual([]);

  const breaches = Object.values(BREACHES).flatMap((files) => Object.entries(files));
  const found = await broken(
    Object.fromEntries(breaches.map(([file, from]) => [file, `import { any } from "${from}";\nexport const breach = any;\n`])),
  );

  expect(Object.keys(BREACHES)).toEqual(rules.map(({ name }) => name));
  for (const { name = "", severity } of rules) {
    expect(severity, `${name}: a warning would not end a run`).toBe("error");
    const files = Object.keys(BREACHES[name] ?? {});
    const reports = found.filter(({ rule, from }) => rule === name && files.includes(from));
    expect(reports.length, `${name} reports none of ${files.join(", ")}`).toBeGreaterThan(0);
  }
});

test("each folder has a rule that says what it may import", async () => {
  const foldersOf = async (path: string) =>
    (await readdir(join(root, path), { withFileTypes: true }))
      .filter((entry) => entry.isDirectory())
      .map(({ name }) => `${path}/${name}`);
  const folders = ["projections", ...(await foldersOf("src")), ...(await foldersOf("src/adapters"))];
  const ruled = rules.map(({ from }) => String(from.path));
  for (const folder of folders) {
    expect(
      ruled.some((path) => path.startsWith(`^${folder}/`)),
      `.dependency-cruiser.cjs says nothing of its own about ${folder}`,
    ).toBe(true);
  }
});
