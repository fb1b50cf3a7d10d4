// What `npm run typecheck` and `npx eslint .` find, in one process: rules ask for types, and what the type check has found out about
// them is not found out a second time. That takes a quarter less.
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { ESLint } from "eslint";
import ts from "typescript";

const root = join(dirname(fileURLToPath(import.meta.url)), "..");
/** Those of `npm run typecheck`. */
const PROJECTS = [
  "tsconfig.json",
  "src/client/tsconfig.json",
  "test/client/tsconfig.json",
  "src/web/tsconfig.json",
  "test/web/tsconfig.json",
];

const texts = {
  getCanonicalFileName: (name) => name,
  getCurrentDirectory: () => root,
  getNewLine: () => "\n",
};
const stop = (fault) => {
  throw new Error(ts.formatDiagnostic(fault, texts));
};

const programs = [];
let faults = 0;
for (const project of PROJECTS) {
  const host = { ...ts.sys, onUnRecoverableConfigFileDiagnostic: stop };
  const { fileNames, options, errors } = ts.getParsedCommandLineOfConfigFile(join(root, project), { noEmit: true }, host);
  const program = ts.createProgram({ rootNames: fileNames, options, configFileParsingDiagnostics: errors });
  const found = ts.getPreEmitDiagnostics(program);
  console.log(`${project}: ${fileNames.length} files, ${found.length} faults`);
  if (found.length > 0) console.log(ts.formatDiagnostics(found, texts));
  faults += found.length + (fileNames.length === 0 ? 1 : 0);
  programs.push(program);
}

const eslint = new ESLint({
  cwd: root,
  overrideConfig: [{ files: ["**/*.ts", "**/*.tsx"], languageOptions: { parserOptions: { projectService: false, programs } } }],
});
const results = await eslint.lintFiles(["."]);
const { format } = await eslint.loadFormatter("stylish");
console.log(`${results.length} files linted${await format(results)}`);
faults += results.reduce((sum, { errorCount }) => sum + errorCount, 0);
process.exitCode = faults === 0 ? 0 : 1;
