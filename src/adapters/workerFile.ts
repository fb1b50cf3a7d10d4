/**
 * The JavaScript file of a worker thread, which is built from `src/<path>.ts`. `importMetaUrl` is the calling module's
 * `import.meta.url`, below `src`, or a file that the build has put that module into. A thread can only be started from
 * JavaScript: a module that runs from TypeScript (in tests) starts the built file.
 */
export function workerFile(importMetaUrl: string, path: string): URL {
  const file = new URL(importMetaUrl);
  const root = file.pathname.lastIndexOf("/src/");
  const built = file.pathname.endsWith(".ts") ? "/dist" : "";
  file.pathname = `${file.pathname.slice(0, root)}${built}/src/${path}.js`;
  return file;
}
