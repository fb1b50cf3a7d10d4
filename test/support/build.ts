import { execFileSync } from "node:child_process";
import { mkdirSync, readdirSync, readFileSync, renameSync, statSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import ts from "typescript";

const root = fileURLToPath(new URL("../..", import.meta.url));
const FOLDERS = ["src", "projections", "test/support"];

const modified = (file: string): number => statSync(file, { throwIfNoEntry: false })?.mtimeMs ?? 0;

/**
 * Before the tests: threads and child processes are started from JavaScript, so the server is built. Tests also start single
 * modules, so what is newer than its translation is translated into `dist/modules`, file by file and without a type check, which
 * is `tsc`'s. Each file appears at once, for other runs may be using it.
 */
export function setup(): void {
  execFileSync(process.execPath, [join(root, "build.mjs")], { stdio: ["ignore", "inherit", "inherit"] });
  const { config } = ts.readConfigFile(join(root, "tsconfig.json"), ts.sys.readFile) as { config: { compilerOptions: object } };
  // One file alone does not tell that the package is made of ES modules.
  const own = { module: "esnext", moduleResolution: "bundler", incremental: false };
  const { options } = ts.convertCompilerOptionsFromJson({ ...config.compilerOptions, ...own }, root);
  for (const folder of FOLDERS) {
    const names = readdirSync(join(root, folder), { recursive: true, encoding: "utf8" });
    for (const name of names.filter((file) => file.endsWith(".ts") && !file.endsWith(".d.ts") && !/^web\//.test(file))) {
      const source = join(root, folder, name);
      const target = join(root, "dist", "modules", folder, name.replace(/\.ts$/, ".js"));
      if (modified(target) >= modified(source)) continue;
      const { outputText, sourceMapText } = ts.transpileModule(readFileSync(source, "utf8"), {
        compilerOptions: options,
        fileName: source,
      });
      write(target, outputText);
      if (sourceMapText !== undefined) write(`${target}.map`, sourceMapText);
    }
  }
}

function write(target: string, text: string): void {
  mkdirSync(dirname(target), { recursive: true });
  const half = `${target}.${process.pid}`;
  writeFileSync(half, text);
  renameSync(half, target);
}
