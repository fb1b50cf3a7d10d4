import importX from "eslint-plugin-import-x";
import { createTypeScriptImportResolver } from "eslint-import-resolver-typescript";
import tseslint from "typescript-eslint";

/** Who may import whom: the arrows of the architecture. `from` may not be imported by `target`, but for what `except` names. */
const arrows = [
  // The domain is pure: zod and itself.
  { target: "./src/domain", from: "./src", except: ["./domain"] },
  { target: "./src/domain", from: "./projections" },
  // Ports are types over nothing but themselves.
  { target: "./src/ports", from: "./src", except: ["./ports"] },
  { target: "./src/ports", from: "./projections" },
  // An adapter knows its port, and no other adapter.
  { target: "./src/adapters", from: "./src", except: ["./ports", "./adapters"] },
  { target: "./src/adapters", from: "./projections" },
  { target: "./src/adapters/eventStore", from: "./src/adapters", except: ["./eventStore", "./workerFile.ts"] },
  { target: "./src/adapters/viewStore", from: "./src/adapters", except: ["./viewStore", "./workerFile.ts"] },
  { target: "./src/adapters/signals", from: "./src/adapters", except: ["./signals", "./workerFile.ts"] },
  // Only compose.ts wires adapters in.
  ...[
    "./src/domain",
    "./src/commands",
    "./src/ports",
    "./src/projecting",
    "./src/graphql",
    "./src/commandline",
    "./projections",
  ].map((target) => ({
    target,
    from: "./src/adapters",
  })),
  // How projections run knows neither the write side nor the API; what they mean knows neither as well.
  { target: "./src/projecting", from: "./src", except: ["./projecting", "./ports", "./domain"] },
  { target: "./projections", from: "./src", except: ["./projecting", "./ports", "./domain"] },
  // Commands do not know who calls them.
  { target: "./src/commands", from: "./src", except: ["./commands", "./domain", "./ports", "./projecting"] },
  { target: "./src/graphql", from: "./src", except: ["./graphql", "./commands", "./domain", "./ports", "./projecting"] },
  // Nothing that ships knows the tests.
  { target: "./src", from: "./test" },
  { target: "./projections", from: "./test" },
];

export default tseslint.config(
  { ignores: ["dist", "node_modules", "src/graphql/generated.ts", "vitest.config.ts"] },
  {
    files: ["**/*.ts"],
    extends: [tseslint.configs.recommendedTypeChecked],
    plugins: { "import-x": importX },
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    settings: { "import-x/resolver-next": [createTypeScriptImportResolver({ project: "./tsconfig.json" })] },
    rules: {
      "import-x/no-restricted-paths": ["error", { zones: arrows }],
      "import-x/no-default-export": "error",
      "import-x/no-cycle": ["error", { ignoreExternal: true }],
      "import-x/no-extraneous-dependencies": ["error", { devDependencies: ["test/**", "*.config.ts"] }],
      "@typescript-eslint/no-floating-promises": "error",
      "@typescript-eslint/no-explicit-any": "error",
      "@typescript-eslint/consistent-type-imports": ["error", { fixStyle: "inline-type-imports" }],
      "@typescript-eslint/no-unused-vars": ["error", { argsIgnorePattern: "^_", varsIgnorePattern: "^_" }],
      "@typescript-eslint/switch-exhaustiveness-check": ["error", { considerDefaultExhaustiveForUnions: true }],
      "@typescript-eslint/require-await": "off",
      // Ports are objects of closures: taking one apart loses nothing.
      "@typescript-eslint/unbound-method": "off",
      "@typescript-eslint/prefer-promise-reject-errors": "off",
      "@typescript-eslint/no-redundant-type-constituents": "off",
      "no-restricted-syntax": ["error", { selector: "ClassDeclaration:not([superClass])", message: "a function will do" }],
    },
  },
  {
    files: ["src/domain/**/*.ts"],
    rules: {
      "no-restricted-imports": [
        "error",
        { patterns: [{ regex: "^(?!\\.|zod$)", message: "the domain imports nothing but zod" }] },
      ],
    },
  },
  { files: ["*.config.ts"], rules: { "import-x/no-default-export": "off" } },
);
