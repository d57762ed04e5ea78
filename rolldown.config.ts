/**
 * The command line as one program beside the library, packages and all: Node starts it several times as fast as hundreds
 * of modules. What a command alone needs lies in a part of its own, which is read when the command is called.
 */
import { chmod } from 'node:fs/promises';
import { builtinModules } from 'node:module';
import { defineConfig, type Plugin } from 'rolldown';

const PROGRAM = 'vmsplit.js';

/**
 * npm sets the run bit of a program when it links it, and that is before `prepare` builds this one: a file that is
 * written anew has none, and npx runs the file as it is. Where files have no such bit (Windows), nothing happens.
 */
const runBit = { name: 'run-bit', writeBundle: () => chmod(`dist/${PROGRAM}`, 0o755) };

const EDGES: readonly (readonly [module: RegExp, code: string])[] = [
  [/traces\/host\/node\.ts$/, "export * from './browser.ts';"],
  // Of cli-table3, for colours of its own; ours come with the text.
  [/node_modules\/@colors\/colors\//, ''],
];

/** For browsers: what they have in the place of Node's own. */
export const browserHost: Plugin = {
  name: 'browser-host',
  load: (id) => EDGES.find(([module]) => module.test(id))?.[1],
};

export default defineConfig({
  input: './replay/cli/main.ts',
  platform: 'node',
  external: [/^node:/, ...builtinModules],
  plugins: [runBit],
  output: { dir: 'dist', entryFileNames: PROGRAM, chunkFileNames: 'parts/[name].js', sourcemap: true },
});
