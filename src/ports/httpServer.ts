/**
 * `createServer` of node:http. An `import` of node:http reads all its members, and one of them loads all that `fetch` needs,
 * which takes 5 MiB from Node 22 on.
 */
export const { createServer } = process.getBuiltinModule("node:http");
