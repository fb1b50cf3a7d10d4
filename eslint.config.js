import stylistic from "@stylistic/eslint-plugin";
import reactHooks from "eslint-plugin-react-hooks";
import tseslint from "typescript-eslint";

const RESTRICTED = [
  { selector: "ClassDeclaration:not([superClass])", message: "a function will do" },
  { selector: "ExportDefaultDeclaration", message: "exports have names" },
];

const NODE_HTTP = {
  selector: 'ImportDeclaration[source.value="node:http"][importKind!="type"]',
  message: "it loads what fetch needs, from Node 22 on: see src/ports/nodeHttp.ts",
};

// Who may import whom is in .dependency-cruiser.cjs.
export default tseslint.config(
  {
    ignores: [
      "**/dist",
      "node_modules",
      "src/api/generated.ts",
      "src/client/operations.ts",
      "vitest.config.ts",
      "src/web/vite.config.ts",
    ],
  },
  {
    files: ["**/*.ts", "**/*.tsx"],
    extends: [tseslint.configs.recommendedTypeChecked],
    plugins: { "@stylistic": stylistic },
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    rules: {
      "@typescript-eslint/no-floating-promises": "error",
      "@typescript-eslint/no-explicit-any": "error",
      "@typescript-eslint/consistent-type-imports": ["error", { fixStyle: "inline-type-imports" }],
      "@typescript-eslint/no-unused-vars": ["error", { argsIgnorePattern: "^_", varsIgnorePattern: "^_" }],
      "@typescript-eslint/switch-exhaustiveness-check": ["error", { considerDefaultExhaustiveForUnions: true }],
      "@typescript-eslint/require-await": "off",
      // The formatter wraps code, and leaves comments as they are.
      "@stylistic/max-len": ["error", { code: 1_000, comments: 130, ignoreUrls: true, ignoreStrings: true }],
      // Ports are objects of closures: taking one apart loses nothing.
      "@typescript-eslint/unbound-method": "off",
      "@typescript-eslint/prefer-promise-reject-errors": "off",
      "@typescript-eslint/no-redundant-type-constituents": "off",
      "no-restricted-syntax": ["error", ...RESTRICTED],
    },
  },
  {
    files: ["src/**/*.ts"],
    rules: { "no-restricted-syntax": ["error", ...RESTRICTED, NODE_HTTP] },
  },
  {
    files: ["src/api/**/*.ts", "src/delivery/**/*.ts"],
    rules: {
      "no-restricted-syntax": [
        "error",
        ...RESTRICTED,
        NODE_HTTP,
        ...[':function Property[kind="get"]', 'CallExpression[callee.property.name="defineProperty"]'].map((selector) => ({
          selector,
          message:
            "V8 keeps a getter of an object's own, and all that it refers to, among the old objects: share one by a prototype",
        })),
      ],
    },
  },
  {
    files: ["src/web/**/*.{ts,tsx}"],
    plugins: { "react-hooks": reactHooks },
    rules: { "react-hooks/rules-of-hooks": "error", "react-hooks/exhaustive-deps": "error" },
  },
);
