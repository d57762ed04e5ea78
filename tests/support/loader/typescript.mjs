/**
 * A loader of Node's that takes the types out of TypeScript, and does nothing else: tests then run the modules that
 * users run. (Through a bundler's module runner, each use of an import is a look into an object: half as fast.)
 */
import { readFile } from 'node:fs/promises';
import { fileURLToPath, pathToFileURL } from 'node:url';

/** Threads of the program. They may run what is built of the same sources (vitest.config.ts), which starts ten times as fast. */
const THREADS = new URL('../../../replay/node/run-worker.ts', import.meta.url).href;
const BUILT = process.env.VMSPLIT_THREAD_PROGRAM;

export async function load(url, context, next) {
  if (!url.startsWith('file:') || !new URL(url).pathname.endsWith('.ts')) return next(url, context);
  if (url === THREADS && BUILT) return { format: 'module', source: again(BUILT), shortCircuit: true };
  const path = fileURLToPath(url);
  const { transform } = await transforming();
  const { code, map, errors } = await transform(path, await readFile(path, 'utf8'), { sourcemap: true });
  if (errors.length > 0) throw errors[0];
  const packed = Buffer.from(JSON.stringify(map)).toString('base64');
  const source = `${code}\n//# sourceMappingURL=data:application/json;base64,${packed}\n`;
  return { format: 'module', source, shortCircuit: true };
}

/** Read when it is needed: a thread of what is built has no types to be taken out. */
let utils;
function transforming() {
  utils ??= import('rolldown/utils');
  return utils;
}

function again(program) {
  const url = JSON.stringify(pathToFileURL(program).href);
  return `export * from ${url}; export { default } from ${url};`;
}
