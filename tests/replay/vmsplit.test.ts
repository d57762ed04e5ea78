/** The library as its callers see it: how much there is of it, and that the examples of the READMEs run. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, describe, expect, test, vi } from 'vitest';
import * as vmsplit from '../../replay/vmsplit.ts';
import { FULL } from '../support/depth.ts';
import { publicNames } from '../support/public-names.ts';

/** Namespaces of the kernel's constants, and of files that are public as a whole. */
const WHOLE = [
  'access',
  'clone',
  'convert',
  'dma',
  'fields',
  'gfp',
  'mapping',
  'proc',
  'slab',
  'tlb',
  'views',
];

/** Those of replay/surface/, and all that is in each: what only other parts of a module need is not public. */
const CHOSEN: Readonly<Record<string, readonly string[]>> = {
  diff: ['addDifferences', 'differencesResult', 'noDifferences'],
  edit: ['appended', 'interleaved', 'sliced'],
  failures: ['VERDICT_KINDS', 'failureReports', 'mainVerdict', 'verdictOf'],
  figures: [
    ...['TIMELINE_FIGURES', 'clocksOf', 'eventTimes', 'kmapOf', 'latestNs', 'memoryOf', 'slabCaches'],
    ...['timeline', 'translationFigures', 'vmallocAreas', 'vmallocOf'],
  ],
  kernelMap: ['directMap', 'kernelConstants', 'kernelMappings', 'physicalResources'],
  rows: ['NO_PROCESS', 'eventColumns', 'passesOf', 'wantedBy'],
  spec: ['lanesOf', 'parseRunSpec', 'runSpecFrom', 'runSpecToJson', 'sourceOf'],
  sweep: ['SWEEP_FIGURES', 'isImpossible', 'planSweep', 'runSweep'],
  verify: ['momentsOf', 'verificationText', 'verifyKernelTrace'],
};

const KERNEL_CONSTANT = /^(gfp|mapping|clone|slab|dma)\.[A-Z_0-9]+$/;

describe('the public surface', () => {
  const surface: Readonly<Record<string, unknown>> = { ...vmsplit };
  const names = Object.keys(surface);
  const isAlone = (name: string): boolean =>
    Object.prototype.toString.call(surface[name]) !== '[object Module]';
  const spaces = names.filter((name) => !isAlone(name));

  test('is small: a name more is a decision', () => {
    expect(names.length).toBe(99);
  });

  test('keeps what belongs together in namespaces', () => {
    expect(spaces.sort()).toEqual([...WHOLE, ...Object.keys(CHOSEN)].sort());
    expect(names.filter((name) => /^(__)?(GFP|MAP|PROT|MADV|CLONE|SLAB|DMA|TLB|FAULT)_/.test(name))).toEqual(
      [],
    );
  });

  test.each(Object.entries(CHOSEN))('shows of %s what callers need, and nothing else', (name, chosen) => {
    expect(Object.keys(surface[name] as object).sort()).toEqual([...chosen].sort());
  });

  test('has each thing once', () => {
    const within = spaces.flatMap((space) => Object.values(surface[space] as object));
    const alone = names.filter(isAlone).map((name) => surface[name]);
    const things = [...within, ...alone].filter((value) => Object(value) === value);
    expect(new Set(things).size).toBe(things.length);
  });

  test('says of every name what it is; constants of the kernel have the words of the kernel', () => {
    const told = publicNames('replay/vmsplit.ts');
    expect(told.map(({ name }) => name)).toEqual(expect.arrayContaining(names.filter(isAlone)));
    const untold = told.filter(({ name, documented }) => !documented && !KERNEL_CONSTANT.test(name));
    expect(untold.map(({ name, place }) => `${name} of ${place}`)).toEqual([]);
  });
});

describe('the READMEs', () => {
  const folder = mkdtempSync(join(tmpdir(), 'vmsplit-readme-'));
  afterAll(() => rmSync(folder, { recursive: true }));
  const blocks = (file: string, language: string): string[] =>
    [...readFileSync(file, 'utf8').matchAll(new RegExp(`\`\`\`${language}\\n(.*?)\`\`\``, 'gs'))].map(
      ([, code]) => code!,
    );
  const examples = ['README.md', 'replay/README.md']
    .flatMap((file) => blocks(file, 'ts'))
    .filter((code) => code.includes("from 'vmsplit'"));

  /** What it tells, of files in the folder. */
  async function run(example: string): Promise<unknown[]> {
    const file = join(folder, `run-${examples.indexOf(example)}.ts`);
    const code = example
      .replaceAll("'vmsplit'", `'${resolve('replay/vmsplit.ts')}'`)
      .replaceAll(/'(drivers\.vmt|run\.json|points)'/g, (_, name) => `'${join(folder, name)}'`);
    writeFileSync(file, code);
    const told: unknown[] = [];
    const log = vi.spyOn(console, 'log').mockImplementation((...words) => void told.push(...words));
    await import(/* @vite-ignore */ file).finally(() => log.mockRestore());
    return told;
  }

  test('have examples whose types are right', () => {
    expect(examples).toHaveLength(3);
    const files = examples.map((code, i) => {
      writeFileSync(join(folder, `example-${i}.ts`), code);
      return `example-${i}.ts`;
    });
    writeFileSync(join(folder, 'package.json'), '{ "type": "module" }');
    const compilerOptions = {
      tsBuildInfoFile: resolve('node_modules/.cache/vmsplit/example-types.tsbuildinfo'),
      typeRoots: [resolve('node_modules/@types')],
      paths: { vmsplit: [resolve('replay/vmsplit.ts')] },
    };
    writeFileSync(
      join(folder, 'tsconfig.json'),
      JSON.stringify({ extends: resolve('tsconfig.json'), compilerOptions, files, include: [] }),
    );
    const tsc = resolve('node_modules/typescript/bin/tsc');
    const { stdout } = spawnSync(process.execPath, [tsc, '-p', folder], { encoding: 'utf8' });
    expect(stdout).toBe('');
  });

  test.runIf(FULL)('fold, record, replay and seek', async () => {
    const told = await run(examples[0]!);
    expect(told).toContainEqual(expect.stringMatching(/^slab 1 of kmalloc-128 is made/));
    expect(told).toContainEqual(expect.stringMatching(/100,000 events/));
    expect(told).not.toContain(undefined);
    expect(told.at(-1)).toBeGreaterThan(0);
  });

  test('carry out a run that is data', async () => {
    const json = blocks('replay/README.md', 'json').find((text) => text.includes('"workload"'))!;
    const data = JSON.parse(json) as { events: { events: number } };
    data.events.events = 10_000;
    writeFileSync(join(folder, 'run.json'), JSON.stringify(data));
    expect(await run(examples[1]!)).toEqual([10_000, ['linux-3g1g', 'linux-3g1g vmalloc=256M']]);
  });

  test.runIf(FULL)('sweep in threads', async () => {
    const told = await run(examples[2]!);
    expect(told).toHaveLength(12);
    for (const [hash, failures] of told.flatMap((_, i) => (i % 2 === 0 ? [told.slice(i, i + 2)] : []))) {
      expect(hash).toMatch(/^[0-9a-f]{64}$/);
      expect(failures).toEqual(expect.any(Number));
    }
  });
});
