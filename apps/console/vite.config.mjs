import preact from '@preact/preset-vite';
import { resolve } from 'node:path';
import { defineConfig } from 'vite';

/** Static files under dist/apps/console: the proxy serves them as they are. */
export default defineConfig({
  root: import.meta.dirname,
  plugins: [preact()],
  build: {
    outDir: resolve(import.meta.dirname, '../../dist/apps/console'),
    emptyOutDir: true,
    // The proxy allows no script and no image but files of its own.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
  },
});
