/// <reference types="vitest/config" />
import react from "@vitejs/plugin-react";
import { defineConfig } from "vite";

const backend = process.env.CRM_URL ?? "http://localhost:8080";

export default defineConfig({
  plugins: [react()],
  build: {
    target: "es2022",
    // Every browser of the target preloads modules, and the page's policy wants files rather than data: URLs.
    modulePreload: { polyfill: false },
    assetsInlineLimit: 0,
  },
  server: { proxy: { "/api": backend, "/identity": backend } },
  test: { environment: "happy-dom", include: ["src/**/*.test.{ts,tsx}"] },
});
