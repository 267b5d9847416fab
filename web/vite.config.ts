import { fileURLToPath } from "node:url";
import tailwindcss from "@tailwindcss/vite";
import react from "@vitejs/plugin-react";
import { defineConfig } from "vitest/config";

/** Where `npm run dev` finds a running server. */
const server = process.env.TERTULIA_SERVER ?? "http://localhost:8080";

export default defineConfig({
  plugins: [react(), tailwindcss()],
  resolve: { alias: { "@": fileURLToPath(new URL("./src", import.meta.url)) } },
  build: {
    outDir: "../api/client",
    emptyOutDir: true,
    manifest: true, // for scripts/first-screen.mjs
    target: "es2022",
    rolldownOptions: { input: ["index.html", "api.html"] },
    chunkSizeWarningLimit: 1600, // kB: Swagger UI, which only the API's page loads
  },
  server: {
    proxy: {
      "/auth": server,
      "/users": server,
      "/blogs": server,
      "/conversations": server,
      "/meetings": server,
      "/admin/": server,
      "/health": server,
      "/ws": { target: server, ws: true },
    },
  },
  test: { restoreMocks: true, include: ["src/**/*.test.{ts,tsx}"] },
});
