/**
 * What runs under Node, packages and all: the command line, the library, what threads do, the benches. Node starts one
 * file several times as fast as hundreds of modules, and V8 takes what another module exports for something that may
 * change, so that the fold is faster, too. What a command alone needs lies in a part of its own, which is read when the
 * command is called; the engine lies in one. And the page, in one file.
 */
import { createHash } from 'node:crypto';
import { chmod, readFile, writeFile } from 'node:fs/promises';
import { builtinModules } from 'node:module';
import { gzipSync } from 'node:zlib';
import { transform } from 'lightningcss';
import { build, defineConfig, type Plugin, type RolldownOptions } from 'rolldown';
import type { ESTree } from 'rolldown/utils';
import { pageHtml } from './replay/page/html/page-html.ts';

const { version } = JSON.parse(await readFile('package.json', 'utf8')) as { version: string };

const PROGRAM = 'vmsplit.js';

/**
 * npm sets the run bit of a program when it links it, and that is before `prepare` builds this one: a file that is
 * written anew has none, and npx runs the file as it is. Where files have no such bit (Windows), nothing happens.
 */
const runBit = { name: 'run-bit', writeBundle: () => chmod(`dist/${PROGRAM}`, 0o755) };

/**
 * V8 compiles a constant, or a function, into the code that uses it, but not one that its module exports, which it looks
 * up each time, although nobody can change it: so what a chunk exports goes out under a second name. Of a fold, this is
 * a twentieth of the time.
 */
const secondNames: Plugin = {
  name: 'second-names',
  renderChunk(code) {
    const { body } = this.parse(code);
    const last = body.at(-1);
    if (last?.type !== 'ExportNamedDeclaration' || last.source !== null) return null;
    const constants = new Set(body.flatMap(constantsOf));
    const copies: string[] = [];
    const exported = last.specifiers.map((specifier) => {
      const local = code.slice(specifier.local.start, specifier.local.end);
      const name = code.slice(specifier.exported.start, specifier.exported.end);
      if (!constants.has(local)) return `${local} as ${name}`;
      copies.push(`${local}$out = ${local}`);
      return `${local}$out as ${name}`;
    });
    const copied = copies.length === 0 ? '' : `const ${copies.join(', ')};\n`;
    // Lines above stay where they are, and so does what the map says of them.
    return { code: `${code.slice(0, last.start)}${copied}export { ${exported.join(', ')} };\n`, map: null };
  },
};

/** The names that a statement of a chunk declares and nobody assigns to: a class is a variable there. */
function constantsOf(statement: ESTree.Statement): string[] {
  if (statement.type === 'FunctionDeclaration') return [statement.id!.name];
  if (statement.type !== 'VariableDeclaration') return [];
  return statement.declarations.flatMap(({ id, init }) =>
    id.type === 'Identifier' && (statement.kind === 'const' || init?.type === 'ClassExpression')
      ? [id.name]
      : [],
  );
}

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

/** Styles lie beside what they are for; here they come together, in the order of the modules. */
function gatheredStyles(styles: Map<string, string>): Plugin {
  return {
    name: 'gathered-styles',
    load: {
      filter: { id: /\.css$/ },
      async handler(id) {
        styles.set(id, await readFile(id, 'utf8'));
        return { code: 'export {}', moduleType: 'js' };
      },
    },
  };
}

/** Only the entries and the styles do something when they are read; what nobody uses of the rest stays out. */
const SIDE_EFFECTS = [
  { test: /\.css$|browser\/(main\.tsx|worker\.ts)$/, sideEffects: true },
  { test: /./, sideEffects: false },
];

/**
 * All that is told is worth to be read. (`npm run bundle` calls rolldown from a line of its own: its command line prints
 * each of hundreds of files.)
 */
const SAID = { logLevel: 'warn', checks: { pluginTimings: false } } as const satisfies RolldownOptions;

const inBrowser = (input: string, plugins: Plugin[]): RolldownOptions => ({
  ...SAID,
  input,
  platform: 'browser',
  // rxjs has classes for those who ask for them, and functions that make classes for all others.
  resolve: { conditionNames: ['es2015', 'browser', 'import', 'module', 'default'] },
  treeshake: { moduleSideEffects: SIDE_EFFECTS },
  plugins: [browserHost, ...plugins],
  transform: {
    define: { 'process.env.NODE_ENV': "'production'", VMSPLIT_VERSION: JSON.stringify(version) },
  },
});

function shorterStyles(texts: Iterable<string>): string {
  const code = Buffer.from([...texts].join('\n'));
  return transform({ filename: 'page.css', code, minify: true }).code.toString();
}

/** The page, its worker and its styles in one file. */
function page(): RolldownOptions {
  const styles = new Map<string, string>();
  const assemble: Plugin = {
    name: 'one-file',
    async generateBundle(_options, bundle) {
      const [program] = Object.values(bundle);
      const worker = await build({
        ...inBrowser('./replay/page/browser/worker.ts', []),
        write: false,
        output: { format: 'iife', minify: true },
      });
      const html = pageHtml({
        program: program!.type === 'chunk' ? program!.code : '',
        worker: worker.output[0].code,
        style: shorterStyles(styles.values()),
        gzip: (text) => gzipSync(text, { level: 9, memLevel: 9 }),
        sha256: (text) => createHash('sha256').update(text).digest('base64'),
      });
      for (const name of Object.keys(bundle)) delete bundle[name];
      await writeFile('dist/page.html', html);
    },
  };
  return {
    ...inBrowser('./replay/page/browser/main.tsx', [gatheredStyles(styles), assemble]),
    output: { dir: 'dist', format: 'iife', minify: true },
  };
}

export default defineConfig([
  {
    ...SAID,
    input: {
      vmsplit: './replay/cli/main.ts',
      library: './replay/vmsplit.ts',
      'parts/run-worker': './replay/node/run-worker.ts',
      'bench/run': './bench/run.ts',
      // Beside the one that starts it.
      'bench/serve': './bench/limit/serve.ts',
      'bench/page/run': './bench/page/run.ts',
      'bench/page/picture': './bench/page/picture.ts',
      'bench/sweep/run': './bench/sweep/run.ts',
      'bench/fleet/run': './bench/fleet/run.ts',
    },
    platform: 'node',
    // Threads begin with a file of piscina's own.
    // Who asks for no fleet reads nothing of Redis. The bench of the page alone needs a browser.
    external: [/^node:/, ...builtinModules, 'piscina', 'bullmq', 'ioredis', 'aws4fetch', 'playwright-core'],
    plugins: [runBit, secondNames],
    output: {
      dir: 'dist',
      entryFileNames: '[name].js',
      chunkFileNames: 'parts/[name].js',
      sourcemap: true,
    },
  },
  page(),
]);
