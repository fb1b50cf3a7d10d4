/**
 * The JavaScript file of a worker thread. Its source is `<name>.ts` beside the calling module, whose `import.meta.url` is
 * `importMetaUrl`. A thread can only be started from JavaScript: a module that runs from TypeScript (in tests) starts the built
 * file.
 */
export function workerFile(importMetaUrl: string, name: string): URL {
  const file = new URL(`./${name}.js`, importMetaUrl);
  if (!new URL(importMetaUrl).pathname.endsWith(".ts")) return file;
  const root = file.pathname.lastIndexOf("/src/");
  file.pathname = `${file.pathname.slice(0, root)}/dist${file.pathname.slice(root)}`;
  return file;
}
