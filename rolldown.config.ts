/** The command line as one file beside the library: Node starts it three times as fast as hundreds of modules. */
import { defineConfig } from 'rolldown';

export default defineConfig({
  input: './replay/cli/main.ts',
  platform: 'node',
  external: /^[^./]/,
  output: { file: 'dist/vmsplit.js', sourcemap: true },
});
