import { fileURLToPath } from "node:url";
import react from "@vitejs/plugin-react";
import { defineConfig } from "vite";
import { compression } from "vite-plugin-compression2";

const at = (path: string): string => fileURLToPath(new URL(path, import.meta.url));

export default defineConfig({
  root: at("."),
  plugins: [
    react(),
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
