/// <reference types="vitest/config" />
import react from "@vitejs/plugin-react";
import { defineConfig } from "vite";

const backend = process.env.CRM_URL ?? "http://localhost:8080";

// Tests of plain code that replace a global, or render a hook.
const ALONE = ["src/api/http.test.ts", "src/ui/loadChunk.test.ts", "src/ui/useCursor.test.ts"];

export default defineConfig({
  plugins: [react()],
  build: {
    target: "es2022",
    // Every browser of the target preloads modules, and the page's policy wants files rather than data: URLs.
    modulePreload: { polyfill: false },
    assetsInlineLimit: 0,
  },
  server: { proxy: { "/api": backend, "/identity": backend } },
  test: {
    environment: "happy-dom",
    // A page of its own takes a file of tests a second, whatever it tests. Plain code needs none of its own.
    projects: [
      { extends: true, test: { name: "pages", include: ["src/**/*.test.tsx", ...ALONE] } },
      { extends: true, test: { name: "functions", include: ["src/**/*.test.ts"], exclude: ALONE, isolate: false } },
    ],
  },
});
