/** Boot logs in the forms that people have them: whatever became of the text, the machine is the same; and what else a log tells. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { UsageError } from '../../../core/base/errors.ts';
import {
  buildLayout,
  contradictions,
  contradictionText,
  layoutNameOf,
  type MemoryReport,
  readMemoryReport,
  reportOptions,
} from '../../../core/layout/catalog/index.ts';

const MIB = 1n << 20n;

/** A PC with 2 GiB, as Linux 3.2 tells of it. */
const LOG = `[    0.000000] Linux version 3.2.0-4-686-pae (debian-kernel@lists.debian.org) #1 SMP Debian 3.2.41
[    0.000000] BIOS-provided physical RAM map:
[    0.000000]  BIOS-e820: 0000000000000000 - 000000000009f800 (usable)
[    0.000000]  BIOS-e820: 000000000009f800 - 00000000000a0000 (reserved)
[    0.000000]  BIOS-e820: 00000000000e0000 - 0000000000100000 (reserved)
[    0.000000]  BIOS-e820: 0000000000100000 - 000000007f680000 (usable)
[    0.000000]  BIOS-e820: 000000007f680000 - 000000007f700000 (ACPI NVS)
[    0.000000]  BIOS-e820: 000000007f700000 - 0000000080000000 (reserved)
[    0.000000] e820 update range: 0000000000000000 - 0000000000010000 (usable) ==> (reserved)
[    0.000000] last_pfn = 0x7f680 max_arch_pfn = 0x1000000
[    0.000000] 1152MB HIGHMEM available.
[    0.000000] 885MB LOWMEM available.
[    0.000000] Kernel command line: BOOT_IMAGE=/vmlinuz root=/dev/sda1 vmalloc=192M ro quiet nr_cpus=2 splash vt.handoff=7
[    0.000000] setup_percpu: NR_CPUS:32 nr_cpumask_bits:32 nr_cpu_ids:2 nr_node_ids:1
`;
const NEW_LOG = LOG.replace(
  /BIOS-e820: ([0-9a-f]+) - ([0-9a-f]+) \(([^)]+)\)/g,
  (_, start: string, end: string, type: string) =>
    `BIOS-e820: [mem 0x${start}-0x${(BigInt(`0x${end}`) - 1n).toString(16).padStart(16, '0')}] ${type}`,
);

const utf16 = (text: string, isBig: boolean): string =>
  [...text].map((char) => (isBig ? `\0${char}` : `${char}\0`)).join('');
const wrapAt = (columns: number, text: string): string =>
  text
    .split('\n')
    .flatMap((line) => line.match(new RegExp(`.{1,${columns}}`, 'g')) ?? [''])
    .join('\n');
const quotedPrintable = (text: string): string =>
  text
    .replace(/=/g, '=3D')
    .split('\n')
    .flatMap((line) =>
      (line.match(/.{1,70}(?:=3D)?/g) ?? ['']).map((part, i, all) =>
        i < all.length - 1 ? `${part}=` : part,
      ),
    )
    .join('\n');
const withoutTimes = (text: string): string => text.replace(/^\[ *[\d.]+\] ?/gm, '');

const FORMS: readonly (readonly [string, (text: string) => string])[] = [
  ['as printed', (text) => text],
  ['without times', withoutTimes],
  ['with carriage returns', (text) => text.replaceAll('\n', '\r\n')],
  ['with priorities', (text) => text.replace(/^/gm, '<6>')],
  ['from a syslog', (text) => text.replace(/^(?=.)/gm, 'Apr  1 02:01:01 host kernel: ')],
  ['from a journal', (text) => text.replace(/^(?=.)/gm, '2024-01-02T03:04:05+0100 host kernel: ')],
  ['with threads', (text) => text.replace(/^(\[ *[\d.]+\])/gm, '$1[    T0]')],
  ['quoted in a mail', (text) => text.replace(/^/gm, '> > ')],
  ['in colours', (text) => text.replace(/^(\[[^\]]+\])/gm, '\x1b[32m$1\x1b[0m\x1b[33m')],
  ['in colours that lost their escapes', (text) => text.replace(/^(\[[^\]]+\])/gm, '^[[32m$1^[[0m')],
  ['in UTF-16, little first', (text) => `\xff\xfe${utf16(text, false)}`],
  ['in UTF-16, big first', (text) => `\xfe\xff${utf16(text, true)}`],
  ['in UTF-16 without a mark', (text) => utf16(text, false)],
  ['quoted-printable', quotedPrintable],
  ['from a web page', (text) => text.replaceAll('>', '&gt;').replaceAll(' (', '&nbsp;(')],
  ['cut at 80 columns', (text) => wrapAt(80, text)],
  ['cut at 80 columns, without times', (text) => wrapAt(80, withoutTimes(text))],
  ['with a prompt', (text) => `root@pc:~# dmesg | grep -e BIOS-e820: -e version\n${text}root@pc:~# `],
];

const facts = ({ kernel, dialect, wideEntries, highmem, nrCpus, cpus, options, physical }: MemoryReport) => ({
  ...{ kernel, arch: dialect?.name, wideEntries, highmem, nrCpus, cpus, physical },
  options: { vmalloc: options.vmallocBytes, cpus: options.nrCpus },
});

describe.each([
  ['addresses without brackets', LOG],
  ['addresses in brackets', NEW_LOG],
])('%s', (_, log) => {
  test.each(FORMS)('%s', (_, form) => {
    expect(facts(readMemoryReport(form(log)))).toEqual({
      kernel: '3.2.0',
      arch: 'i386',
      wideEntries: true,
      highmem: true,
      nrCpus: 32,
      cpus: 2,
      options: { vmalloc: 192n * MIB, cpus: 2 },
      physical: [
        { start: 0n, end: 0x10000n, name: 'Reserved' },
        { start: 0x10000n, end: 0x9f800n, name: 'System RAM' },
        { start: 0x9f800n, end: 0xa0000n, name: 'Reserved' },
        { start: 0xe0000n, end: 0x100000n, name: 'Reserved' },
        { start: 0x100000n, end: 0x7f680000n, name: 'System RAM' },
        { start: 0x7f680000n, end: 0x7f700000n, name: 'ACPI Non-volatile Storage' },
        { start: 0x7f700000n, end: 0x80000000n, name: 'Reserved' },
      ],
    });
  });

  test('several entries on a line', () => {
    const joined = log.replace(/\n\[ *[\d.]+\] {2}BIOS-e820:/g, ' BIOS-e820:');
    expect(joined.split('\n').length).toBeLessThan(log.split('\n').length - 4);
    expect(readMemoryReport(joined).physical).toEqual(readMemoryReport(log).physical);
  });

  test('cut at any width of a terminal', () => {
    const widths = fc.integer({ min: 72, max: 130 });
    fc.assert(
      fc.property(widths, (columns) => {
        expect(facts(readMemoryReport(wrapAt(columns, log)))).toEqual(facts(readMemoryReport(log)));
      }),
      { numRuns: 30 },
    );
  });

  test('of two boots the last one counts, and the report says so', () => {
    const other = log.replaceAll('7f680000', '3f680000').replaceAll('000000007f67ffff', '000000003f67ffff');
    const report = readMemoryReport(log + other);
    expect(report.physical).toEqual(readMemoryReport(other).physical);
    expect(report.notes).toEqual([
      `2 boots in the file: the last one counts, which begins at line ${log.split('\n').length}`,
    ]);
    const broken = readMemoryReport(log + log.split('\n')[0]);
    expect(broken.physical).toEqual(readMemoryReport(log).physical);
    expect(broken.notes).toEqual([
      '2 boots in the file: the last one with a memory map counts, which begins at line 1',
    ]);
  });
});

describe('what a log tells against what is predicted', () => {
  const layoutOf = (log: string) => {
    const report = readMemoryReport(log);
    return { report, layout: buildLayout(layoutNameOf(report)!, reportOptions(report)) };
  };

  test('the layout of the log, with its kernel, its cpus and its boot options', () => {
    const { layout } = layoutOf(LOG);
    expect([layout.name, layout.kernel.name, layout.nrCpus, layout.cpus]).toEqual([
      'linux-3g1g-pae',
      'linux-3.2',
      32,
      2,
    ]);
    expect(layout.vmalloc.end - layout.highMemory).toBe(200n * MIB);
  });

  test('a figure that differs is told with its line', () => {
    const { report, layout } = layoutOf(LOG);
    const mib = layout.maxLowPfn >> 8;
    expect(contradictions(layout, report).map(contradictionText)).toContain(
      `predicted low memory ${mib} MiB, the log says 885 MiB (line 12)`,
    );
    const right = layoutOf(
      LOG.replace('885MB', `${mib}MB`).replace('1152MB', `${(layout.maxPfn - layout.maxLowPfn) >> 8}MB`),
    );
    expect(contradictions(right.layout, right.report)).toEqual([]);
  });

  test('another layout than that of the log contradicts nothing: it is another question', () => {
    const { report } = layoutOf(LOG);
    expect(contradictions(buildLayout('linux-2g2g', reportOptions(report)), report)).toEqual([]);
  });
});

test.each([
  ['behind a hole that firmware keeps', ['0x80000000-0x802effff', '0x80300000-0xffffffff'], '0x80410000'],
  ['at the start of RAM where there is none', ['0x80000000-0x8fffffff'], '0x80210000'],
  [
    'in the first memory that holds all of it',
    ['0x80000000-0x803fffff', '0xc0000000-0xcfffffff'],
    '0xc0010000',
  ],
])('the kernel image of arm64 lies %s', (_, nodes, text) => {
  const log = ['Linux version 6.1.0', 'Booting Linux on physical CPU 0x0000000000 [0x431f0af1]']
    .concat(nodes.map((node) => `  node   0: [mem ${node}]`))
    .join('\n');
  const layout = buildLayout('linux-arm64-48', reportOptions(readMemoryReport(log)));
  expect(`0x${layout.kernelImage.start.toString(16)}`).toBe(text);
});

test.each([
  [
    'the longest line of all',
    'console=ttySAC2,115200 mem=80M@0x30000000 mem=256M@0x40000000 mem=112M@0x50000000',
    3,
  ],
  [
    'as long as a terminal is wide, and cut',
    `console=ttySAC2,115200 root=/dev/mmcblk0 mem=80M@0\nx30000000`,
    1,
  ],
])('a command line without a time, %s', (_, commandLine, banks) => {
  const log = `Linux version 2.6.35.7\nKernel command line: ${commandLine}\nPID hash table entries: 2048 (order: 1)`;
  expect(readMemoryReport(log).options.banks).toHaveLength(banks);
});

test('work is bounded: a log of a million lines, an entry of every byte', () => {
  const long = `${'[    0.000000] pci 0000:00:1f.2: reg 20: [io  0xf060-0xf07f]\n'.repeat(20_000)}${LOG}`;
  expect(readMemoryReport(long).physical).toEqual(readMemoryReport(LOG).physical);
  const entries = Array.from(
    { length: 5000 },
    (_, i) => `BIOS-e820: [mem 0x${(i * 8192).toString(16)}-0x${(i * 8192 + 4095).toString(16)}] usable`,
  );
  expect(() => readMemoryReport(entries.join('\n'))).toThrow(UsageError);
});
