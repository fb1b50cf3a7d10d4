/** Who may import whom: the arrows of the architecture. */
const only = (name, from, to, comment) => ({
  name,
  comment,
  severity: "error",
  from: { path: from },
  to: { path: "^(src|projections|test)/", pathNot: to },
});

module.exports = {
  forbidden: [
    only("domain-is-pure", "^src/domain/", "^src/domain/", "the domain imports no other folder"),
    {
      name: "domain-imports-zod-only",
      comment: "and two tables of characters, which are data: traditional and simplified ones, and those that look alike",
      severity: "error",
      from: { path: "^src/domain/" },
      to: { dependencyTypes: ["npm", "npm-dev", "core"], pathNot: "node_modules/(zod|unhomoglyph|opencc-js/dist/esm-lib/dict)/" },
    },
    only("ports-are-types", "^src/ports/", "^src/ports/", "ports are types over nothing but themselves"),
    only(
      "log-adapter",
      "^src/adapters/eventStore/",
      "^src/(ports/|adapters/(eventStore/|workerFile|directory))",
      "an adapter knows its port, and no other",
    ),
    only(
      "view-adapter",
      "^src/adapters/viewStore/",
      "^src/(ports/|adapters/(viewStore/|workerFile|directory))",
      "an adapter knows its port, and no other",
    ),
    only(
      "signal-adapter",
      "^src/adapters/signals/",
      "^src/(ports/|adapters/(signals/|workerFile|directory))",
      "an adapter knows its port, and no other",
    ),
    only(
      "search-adapter",
      "^src/adapters/searchIndex/",
      "^src/(ports/|domain/(folding|words|place|relevance)|adapters/(searchIndex/|workerFile|directory))",
      "an adapter knows its port, what a word and a place are, and no other",
    ),
    {
      name: "only-the-server-knows-adapters",
      severity: "error",
      from: { path: "^(src|projections)/", pathNot: "^src/(server|adapters)/" },
      to: { path: "^src/adapters/" },
    },
    only(
      "projecting-is-how",
      "^src/projecting/",
      "^src/(projecting|ports|domain)/",
      "how projections run knows neither the write side nor the API",
    ),
    only(
      "projections-are-what",
      "^projections/",
      "^(projections|src/(projecting|ports|domain))/",
      "what views mean knows neither the write side nor the API",
    ),
    only(
      "commands-know-no-caller",
      "^src/commands/",
      "^(projections|src/(commands|domain|ports|projecting))/",
      "commands do not know who calls them",
    ),
    only(
      "delivery",
      "^src/delivery/",
      "^(projections|src/(delivery|domain|ports|projecting))/",
      "what leads from a commit to a client knows neither the write side nor how clients are spoken to",
    ),
    only(
      "transport-knows-graphql-alone",
      "^src/transport/",
      "^src/(transport/|ports/|domain/refusal)",
      "how clients are spoken to knows nothing of Tidings but what a refusal is",
    ),
    only(
      "api",
      "^src/api/",
      "^(projections|src/(api|delivery|commands|domain|ports|projecting))/",
      "the API calls commands and read functions, and does not know how clients are spoken to",
    ),
    only(
      "server",
      "^src/server/",
      "^(projections|src/(server|transport|api|delivery|commands|domain|ports|projecting|adapters))/|^src/config",
      "what one running server is made of does not know the command line",
    ),
    only(
      "command-line",
      "^src/commandline/",
      "^(projections|src/(commandline|server|commands|domain|ports|transport))/|^src/config",
      "commands of the command line start a server, or ask one",
    ),
    only("settings", "^src/config", "^src/(transport|domain)/", "settings are read, not acted on"),
    only("start", "^src/main", "^src/(commandline/|config|ports/|domain/refusal)", "the beginning knows the command line alone"),
    { name: "no-tests-in-what-ships", severity: "error", from: { path: "^(src|projections)/" }, to: { path: "^test/" } },
    { name: "no-cycles", severity: "error", from: {}, to: { circular: true, viaOnly: { dependencyTypesNot: ["type-only"] } } },
    { name: "no-unresolvable", severity: "error", from: {}, to: { couldNotResolve: true } },
    {
      name: "ships-with-dependencies",
      comment: "what ships may not need a development dependency; the IDE's assets are looked for at run time",
      severity: "error",
      from: { path: "^(src|projections)/", pathNot: "^src/api/codegen\\.mjs$" },
      to: { dependencyTypes: ["npm-dev", "npm-no-pkg", "npm-unknown"], pathNot: "node_modules/@types/" },
    },
  ],
  options: {
    doNotFollow: { path: "node_modules" },
    exclude: { path: "(^|/)dist/" },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: "tsconfig.json" },
    enhancedResolveOptions: {
      exportsFields: ["exports"],
      conditionNames: ["import", "require", "node", "default", "types"],
      extensions: [".ts", ".js", ".mjs", ".cjs", ".d.ts"],
    },
  },
};
