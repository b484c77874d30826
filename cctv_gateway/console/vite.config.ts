import react from '@vitejs/plugin-react';
import { defineConfig } from 'vitest/config';

import { mockGateway } from './dev/mockGateway.ts';

// With CCTV_GATEWAY_URL the dev server talks to a running gateway, else to the mock in dev/.
const gateway = process.env.CCTV_GATEWAY_URL;
const proxied = ['/api', '/whep', '/healthz', '/readyz', '/openapi.json'];

export default defineConfig({
  plugins: [react(), ...(gateway === undefined ? [mockGateway()] : [])],
  build: {
    target: 'es2022',
    // The content security policy allows no data: addresses.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    chunkSizeWarningLimit: 900,
  },
  server: {
    host: '127.0.0.1',
    port: 5173,
    ...(gateway === undefined
      ? {}
      : { proxy: Object.fromEntries(proxied.map((path) => [path, { target: gateway }])) }),
  },
  test: {
    environment: 'node',
    include: ['src/**/*.test.ts', 'src/**/*.test.tsx'],
    unstubGlobals: true,
  },
});
