/** How kernels of an architecture tell of themselves, as records: what nobody else knows of is read, and advised on. */
import { describe, expect, test } from 'vitest';
import { LINUX_6_1 } from '../../../core/kernel/linux-6.1.ts';
import {
  buildOwnLayout,
  contradictions,
  contradictionText,
  DIALECTS,
  type Dialect,
  layoutNameOf,
  readMemoryReport,
  reportOptions,
} from '../../../core/layout/catalog/index.ts';
import { parseCpuinfo } from '../../../replay/advise/board/cpuinfo.ts';
import { parseKernelConfig } from '../../../replay/advise/board/kernel-config.ts';
import { candidates } from '../../../replay/advise/cures/candidates.ts';
import { rulesFor } from '../../../replay/advise/cures/rules.ts';
import { verdictOf } from '../../../replay/advise/index.ts';
import { PROCESSORS, type ProcessorAdvice } from '../../../replay/advise/processors/index.ts';
import { REPORTING, type ReportingProcessor } from '../../../traces/report/processors/index.ts';
import { failureReports } from '../../../traces/report/reports.ts';
import { BASE, MIB, member, TOY_ARCH, TOY_GROUND, TOY_PLAN } from './toy.ts';

/** How kernels of the toy tell of themselves, and what helps there: all that reading and advice need to know of it. */
const TOY_DIALECT: Dialect = {
  name: 'toy',
  wordBits: 32,
  machine: 'board',
  architectures: [TOY_ARCH],
  wideEntries: { name: 'TPAE' },
  log: {
    facts: { toyCpu: /Toy processor (\S{1,20}) at your service/ },
    told: [['toyCpu', 'toy processor']],
    signs: { ownLines: ({ facts }) => facts.toyCpu !== undefined },
    wideEntries: () => false,
    highmem: () => true,
    split: () => '3G',
    notes: () => ['toys have one split'],
  },
  listsIomem: (entries) => entries.some(({ name }) => name === 'Toy text'),
  cpuinfo: /^toy\s*: /m,
  config: { processor: 'TOY', wideEntries: 'TOY_TPAE' },
  layoutOf: () => 'linux-toy',
  untold: () => undefined,
};
const TOY_REPORTING: ReportingProcessor = {
  name: 'toy',
  sign: /^toy stack: /,
  forms: [
    {
      form: /^(\S{1,20}) is too far from the toy kernel/,
      request: ([module]) => ({ kind: 'module', arch: 'toy', module: module!, reason: 'section: far' }),
    },
  ],
};
const TOY_ADVICE: ProcessorAdvice = {
  dialect: TOY_DIALECT,
  modules: {
    place: 'in the toy box',
    holds: (start) => start === 0xbf00_0000n,
    cure: { name: 'a larger box', means: 'hardware', why: 'toys are small' },
  },
  farModules: { name: 'CONFIG_TOY_VENEERS=y', means: 'other build', why: 'veneers reach further' },
  widerLayout: 'linux-x86_64',
};

describe('a toy that speaks: no other file knows of it', () => {
  const dialects = [...DIALECTS, TOY_DIALECT];
  const LOG = `Linux version 6.1.0-toy
Toy processor T-9000 at your service
  node   0: [mem 0x80000000-0x83ffffff]
    vmalloc : 0xf0000000 - 0xf9000000   ( 144 MB)
`;
  const toyMember = member('linux-toy', TOY_GROUND, LINUX_6_1, TOY_PLAN);

  test('its boot log is read, and its layout compared with what it says', () => {
    const report = readMemoryReport(LOG, dialects);
    expect(report).toMatchObject({ machine: 'board', split: '3G', highmem: true, wideEntries: false });
    expect([report.dialect, report.notes]).toEqual([TOY_DIALECT, ['toys have one split']]);
    expect(report.findings).toContainEqual({ what: 'toy processor', value: 'T-9000', line: 2 });
    expect(layoutNameOf(report)).toBe('linux-toy');
    const layout = buildOwnLayout(toyMember, reportOptions(report));
    expect(layout.ram).toEqual([{ start: BASE, end: BASE + 64n * MIB }]);
    expect(contradictions(layout, report).map(contradictionText)).toEqual([
      'predicted vmalloc window 0xf0000000..0xf8000000, the log says 0xf0000000..0xf9000000 (line 4)',
    ]);
    // To those who do not know it, it is a board of some processor.
    expect(readMemoryReport(LOG).dialect).toBeUndefined();
  });

  test('so are /proc/iomem, /proc/cpuinfo and its configuration', () => {
    const iomem = '80000000-83ffffff : System RAM\n  80008000-800fffff : Toy text\n';
    expect(readMemoryReport(iomem, dialects)).toMatchObject({ machine: 'board', dialect: TOY_DIALECT });
    expect(parseCpuinfo('processor\t: 0\ntoy\t: T-9000\n', dialects)).toEqual({
      dialects: [TOY_DIALECT],
      cpus: 1,
    });
    const config =
      '# Linux/toy 6.1.0 Kernel Configuration\nCONFIG_TOY=y\nCONFIG_TOY_TPAE=y\nCONFIG_HIGHMEM=y\n';
    expect(parseKernelConfig(config, dialects)).toMatchObject({
      ...{ dialect: TOY_DIALECT, wideEntries: true, highmem: true, nrCpus: 1 },
    });
  });

  test('its failures are told, and what helps is its own', () => {
    const processors = [...PROCESSORS, TOY_ADVICE];
    const adviceOn = (log: string) => {
      const [report] = failureReports(log, [...REPORTING, TOY_REPORTING]);
      const verdict = verdictOf(report!, {}, processors)!;
      const { helps, doesNot } = rulesFor(verdict, report!.arch, false, processors);
      return [verdict.kind, helps.map(({ name }) => name), doesNot.map(({ why }) => why)];
    };
    expect(adviceOn('robot is too far from the toy kernel\n')).toEqual([
      'module-reach',
      ['CONFIG_TOY_VENEERS=y'],
      ['the window of the modules lies apart, at the kernel image: in the toy box, whatever the option says'],
    ]);
    const restricted =
      'vmalloc_node_range for size 8192 failed: Address range restricted to 0xbf000000 - 0xc0000000\ntoy stack: module_alloc\n';
    expect(adviceOn(restricted).slice(0, 2)).toEqual([
      'module-window',
      ['a larger box', 'large modules built in'],
    ]);
  });

  test('what may be tried of other builds follows from its dialect', () => {
    const layout = buildOwnLayout(toyMember, { ramBytes: 64n * MIB });
    const names = (processors: readonly ProcessorAdvice[]) =>
      candidates({ lane: { layout: layout.name }, layout }, { windowBytes: 0 }, processors).map(
        ({ name }) => name,
      );
    expect(names([TOY_ADVICE])).toEqual(['vmalloc=64M', 'linux-x86_64', '128.0 MiB of RAM']);
    expect(names([])).toEqual(['128.0 MiB of RAM']);
  });
});
