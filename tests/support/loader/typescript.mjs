/**
 * A loader of Node's that takes the types out of TypeScript, and does nothing else: tests then run the modules that
 * users run. (Through a bundler's module runner, each use of an import is a look into an object: half as fast.) Spaces
 * come in their place, so that the lines that errors name are those of the sources.
 */
import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { threadId } from 'node:worker_threads';

/** Threads of the program. They may run what is built of the same sources (vitest.config.ts), which starts ten times as fast. */
const THREADS = new URL('../../../replay/node/run-worker.ts', import.meta.url).href;
const BUILT = process.env.VMSPLIT_THREAD_PROGRAM;

export async function load(url, context, next) {
  if (!url.startsWith('file:') || !new URL(url).pathname.endsWith('.ts')) return next(url, context);
  if (url === THREADS && BUILT) return { format: 'module', source: again(BUILT), shortCircuit: true };
  return { format: 'module', source: withoutTypes(fileURLToPath(url)), shortCircuit: true };
}

function again(program) {
  const url = JSON.stringify(pathToFileURL(program).href);
  return `export * from ${url}; export { default } from ${url};`;
}

const require = createRequire(import.meta.url);
const { version } = require('@swc/wasm-typescript/package.json');

/** By what they say: every process reads the same sources, and most are those of the last run. */
const MADE = fileURLToPath(
  new URL(`../../../node_modules/.cache/vmsplit/types-${version}/`, import.meta.url),
);
mkdirSync(MADE, { recursive: true });

function withoutTypes(path) {
  const typescript = readFileSync(path);
  const made = `${MADE}${createHash('sha256').update(typescript).digest('hex')}.js`;
  try {
    return readFileSync(made);
  } catch {
    const javascript = blanked(path, typescript);
    keep(made, javascript);
    return javascript;
  }
}

function blanked(path, typescript) {
  const { transformSync } = require('@swc/wasm-typescript');
  try {
    return transformSync(typescript, { filename: path, module: true, mode: 'strip-only' }).code;
  } catch (wrong) {
    // It throws what is no error.
    throw new SyntaxError(`${path}:${wrong.startLine}: ${wrong.message}\n${wrong.snippet}`);
  }
}

/** Renamed when it is whole, since others may read it meanwhile, and other threads of this process write it as well. */
function keep(file, text) {
  const begun = `${file}.${process.pid}.${threadId}`;
  writeFileSync(begun, text);
  renameSync(begun, file);
}
