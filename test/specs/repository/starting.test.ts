import { readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { SEMI_SPACE } from "../../../src/server/heap.ts";

const root = fileURLToPath(new URL("../../..", import.meta.url));

test.each(["package.json", "Dockerfile", "src/main.ts"])("%s starts the server with the bound of its memory", (file) => {
  expect(readFileSync(join(root, file), "utf8")).toContain(SEMI_SPACE);
});
