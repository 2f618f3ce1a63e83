import { defineConfig } from 'vitest/config';

// The page is served by the daemon under a strict Content-Security-Policy: every asset is a file of its own
// (no data: addresses), no script or style stands in index.html.
const daemon = process.env.ATHERIA_URL ?? 'http://127.0.0.1:8765';

export default defineConfig({
  oxc: { jsx: { runtime: 'automatic', importSource: 'preact' } },
  build: {
    target: 'es2022',
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    sourcemap: false,
    reportCompressedSize: true,
  },
  worker: { format: 'es' },
  server: {
    host: '127.0.0.1',
    proxy: {
      '/ws': { target: daemon, ws: true },
      '/api': daemon,
      '/login': daemon,
      '/logout': daemon,
    },
  },
  test: { include: ['src/**/*.test.ts'], environment: 'node' },
});
