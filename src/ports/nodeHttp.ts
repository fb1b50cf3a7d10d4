/**
 * What is used of node:http. An `import` of node:http reads all its members, and one of them loads all that `fetch` needs, which
 * takes 2 MiB of objects, and more memory beside them, from Node 22 on.
 */
export const { createServer, request } = process.getBuiltinModule("node:http");
