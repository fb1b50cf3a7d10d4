import { createHash } from "node:crypto";
import { fileURLToPath } from "node:url";
import react from "@vitejs/plugin-react";
import { defineConfig, type Plugin } from "vite";
import { compression } from "vite-plugin-compression2";
import * as operations from "../client/operations.ts";

const at = (path: string): string => fileURLToPath(new URL(path, import.meta.url));

/** What the page asks: by this file a server knows it that answers nothing but documents that it was given. */
const documents: Plugin = {
  name: "documents",
  generateBundle() {
    const texts = Object.values(operations).map((text) => [createHash("sha256").update(text).digest("hex"), text]);
    this.emitFile({ type: "asset", fileName: "documents.json", source: JSON.stringify(Object.fromEntries(texts)) });
  },
};

/** The service worker: a script that keeps its name, since browsers know it by that. */
const worker: Plugin = {
  name: "worker",
  apply: "build",
  buildStart() {
    this.emitFile({ type: "chunk", id: at("worker/worker.ts"), fileName: "worker.js" });
  },
};

export default defineConfig({
  root: at("."),
  plugins: [
    react(),
    documents,
    worker,
    // Each file is compressed once, here, and not at each request.
    compression({ algorithms: ["gzip", "brotliCompress"], include: /\.(js|css|html|svg)$/, threshold: 1_024 }),
  ],
  build: {
    outDir: at("../../dist/web"),
    emptyOutDir: true,
    // The page's policy allows no `data:` addresses but for pictures.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    chunkSizeWarningLimit: 800,
    target: ["chrome111", "firefox114", "safari16.4"],
  },
  server: {
    proxy: {
      "/graphql": { target: "http://localhost:4000", ws: true },
      "/graphiql": "http://localhost:4000",
      "/page.json": "http://localhost:4000",
    },
  },
});
