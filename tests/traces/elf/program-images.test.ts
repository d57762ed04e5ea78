/** Whether a file is the program that ran, and where it lay: by what a trace shows. */
import { describe, expect, test } from 'vitest';
import { programImages } from '../../../traces/elf/program-images.ts';
import type { ExecEvidence } from '../../../traces/import/program-image.ts';
import { type Elf, elfBytes, PF_R, PF_W, PF_X, PT, reader } from '../../support/elf-builder.ts';

const headers = [
  { type: PT.load, fileBytes: 0x688 },
  {
    type: PT.load,
    flags: PF_R | PF_W,
    offset: 0x2dd0,
    address: 0x3dd0,
    fileBytes: 0x258,
    memoryBytes: 0x260,
  },
  { type: PT.relro, address: 0x3dd0, fileBytes: 0x230 },
];
const linkerHeaders = [
  { type: PT.load, fileBytes: 0x1000 },
  {
    type: PT.load,
    flags: PF_R | PF_W,
    offset: 0x1900,
    address: 0x1900,
    fileBytes: 0x1000,
    memoryBytes: 0x1100,
  },
  { type: PT.relro, address: 0x1900, fileBytes: 0xf00 },
];
const LINKER = '/lib/ld.so.1';
const elf = (changes: Partial<Elf>): Uint8Array =>
  elfBytes({ wordBytes: 8, isBigEndian: false, type: 3, headers, interpreter: LINKER, ...changes });
const { interpreter: _, ...alone } = {
  interpreter: LINKER,
  wordBytes: 8,
  isBigEndian: false,
  type: 3,
  headers,
} as const;

const FILES: Readonly<Record<string, Uint8Array>> = {
  '/bin/pie': elf({}),
  '/bin/fixed': elf({
    type: 2,
    headers: headers.map((header) => ({ ...header, address: 0x40_0000 + (header.address ?? 0) })),
  }),
  '/bin/plain': elf({ headers: headers.slice(0, 2) }),
  '/bin/static-pie': elfBytes({ ...alone, entry: 0x123 }),
  '/bin/narrow': elf({ wordBytes: 4 }),
  '/bin/other-linker': elf({ interpreter: '/lib/none' }),
  '/bin/stack': elf({ headers: [...headers, { type: PT.stack, flags: PF_R | PF_W | PF_X }] }),
  '/bin/script': Buffer.from('#! /bin/sh2 -e\necho\n'),
  '/bin/sh2': Buffer.from('#!/bin/pie\n'),
  '/bin/loop': Buffer.from('#!/bin/loop\n'),
  ...Object.fromEntries(
    [1, 2, 3, 4, 5, 6].map((n) => [
      `/bin/script${n}`,
      Buffer.from(`#!/bin/${n === 1 ? 'pie' : `script${n - 1}`}\n`),
    ]),
  ),
  '/bin/text': Buffer.from('hello'),
  [LINKER]: elfBytes({ ...alone, headers: linkerHeaders, entry: 0x321, buildId: [1, 2] }),
};
const open = (path: string) => {
  const bytes = FILES[path];
  return bytes && { path, read: reader(bytes) };
};

/** Starts of program and dynamic linker; or why there are none. */
function found(path: string, evidence: ExecEvidence, areTrusted = false): unknown {
  const image = programImages(open, { areTrusted }).imageOf(path, evidence);
  if (typeof image === 'string') return image;
  const { program, interpreter, place } = image.image;
  return [place, program[0]!.start, interpreter[0]?.start, ...image.lacks];
}

const RELRO = { start: 0x5555_5555_7000, end: 0x5555_5555_8000 };
const BASE = 0x5555_5555_4000;
const LINKER_RELRO = { start: 0x7fff_0000_1000, end: 0x7fff_0000_2000 };
const LINKER_BASE = 0x7fff_0000_0000;
const [NOWHERE, NOWHERE_LINKER] = [2 ** 56, 2 ** 56 + 2 ** 40];
const HEAP = BASE + 0x5000;
/** A heap at its usual place, and what is made read-only. */
const usual = (...madeReadOnly: { start: number; end: number }[]): ExecEvidence => ({
  heapStart: HEAP,
  madeReadOnly,
});

describe('confirmed by the trace', () => {
  test.each<[string, string, ExecEvidence, unknown]>([
    ['by what is made read-only', '/bin/pie', usual(RELRO, LINKER_RELRO), ['pie', BASE, LINKER_BASE]],
    [
      'with a heap that begins at random',
      '/bin/pie',
      { heapStart: HEAP + 2 ** 30, madeReadOnly: [RELRO] },
      ['pie', BASE, NOWHERE_LINKER],
    ],
    ['without a heap', '/bin/pie', { madeReadOnly: [RELRO, LINKER_RELRO] }, ['pie', BASE, LINKER_BASE]],
    [
      'the dynamic linker is made read-only first',
      '/bin/pie',
      usual(LINKER_RELRO, RELRO),
      ['pie', BASE, LINKER_BASE],
    ],
    [
      'at the addresses of the file',
      '/bin/fixed',
      { heapStart: 0x40_5000, madeReadOnly: [{ start: 0x40_3000, end: 0x40_4000 }] },
      ['fixed', 0x40_0000, NOWHERE_LINKER],
    ],
    ['by its dynamic linker alone', '/bin/plain', usual(LINKER_RELRO), ['pie', NOWHERE, LINKER_BASE]],
    [
      'by the first instruction, which is one of the dynamic linker',
      '/bin/pie',
      { entry: LINKER_BASE + 0x321, programBase: 0x10_8000 },
      ['pie', 0x10_8000, LINKER_BASE],
    ],
    [
      'by where bss was cleared',
      '/bin/pie',
      { cleared: [BASE + 0x4028, LINKER_BASE + 0x2900] },
      ['pie', BASE, LINKER_BASE],
    ],
    [
      'without a dynamic linker, by its own first instruction',
      '/bin/static-pie',
      { entry: LINKER_BASE + 0x123 },
      ['anywhere', LINKER_BASE, undefined],
    ],
    [
      'whose heap lies elsewhere',
      '/bin/static-pie',
      usual({ start: LINKER_BASE + 0x3000, end: LINKER_BASE + 0x4000 }),
      ['anywhere', LINKER_BASE, undefined],
    ],
    ['run by a script, and that by another', '/bin/script', usual(RELRO), ['pie', BASE, NOWHERE_LINKER]],
    ['run by five scripts in a row', '/bin/script5', usual(RELRO), ['pie', BASE, NOWHERE_LINKER]],
    [
      'what is cleared within the program tells nothing of the dynamic linker',
      '/bin/pie',
      { madeReadOnly: [RELRO], cleared: [BASE + 0x4900] },
      ['pie', BASE, NOWHERE_LINKER],
    ],
  ])('%s', (_, path, evidence, image) => {
    expect(found(path, evidence)).toEqual(image);
  });

  test('an executable stack, and which files it is', () => {
    const image = programImages(open, { areTrusted: false }).imageOf('/bin/stack', { madeReadOnly: [RELRO] });
    expect(image).toMatchObject({
      image: { hasExecutableStack: true },
      files: '/bin/stack, /lib/ld.so.1 (build-id 0102)',
    });
  });
});

describe('not confirmed, or spoken against', () => {
  const against = (path: string): string =>
    `${path} is not the file that ran: what the trace makes read-only, or where its heap begins, is none of it`;
  const unseen = (path: string): string =>
    `nothing in the trace shows that ${path} is the file that ran; --sysroot / takes it for that`;

  test.each<[string, string, ExecEvidence, string]>([
    ['nothing shows anything', '/bin/pie', {}, unseen('/bin/pie')],
    ['of a fixed address, below the heap', '/bin/fixed', { heapStart: 0x40_5000 }, unseen('/bin/fixed')],
    [
      'RELRO of another length',
      '/bin/pie',
      { madeReadOnly: [{ start: BASE + 0x3000, end: BASE + 0x5000 }] },
      against('/bin/pie'),
    ],
    [
      'RELRO at another place of the page',
      '/bin/pie',
      { madeReadOnly: [{ start: BASE + 0x3100, end: BASE + 0x4100 }] },
      against('/bin/pie'),
    ],
    [
      'a heap within the program',
      '/bin/pie',
      { heapStart: HEAP - 0x1000, madeReadOnly: [RELRO] },
      against('/bin/pie'),
    ],
    [
      'a heap too far above it',
      '/bin/pie',
      { heapStart: HEAP + 2 ** 30 + 1, madeReadOnly: [RELRO] },
      against('/bin/pie'),
    ],
    ['a fixed address with another heap', '/bin/fixed', { heapStart: 0x40_4000 }, against('/bin/fixed')],
    [
      'a fixed address that is not made read-only',
      '/bin/fixed',
      { heapStart: 0x40_5000, madeReadOnly: [RELRO] },
      against('/bin/fixed'),
    ],
    [
      'a program of 32 bits at addresses of 64',
      '/bin/narrow',
      { madeReadOnly: [RELRO] },
      against('/bin/narrow'),
    ],
    ['no file', '/bin/none', {}, '/bin/none is not here'],
    [
      'no program',
      '/bin/text',
      {},
      '/bin/text is no program that can be read: found no ELF header, expected an ELF file',
    ],
    [
      'more scripts in a row than execve follows',
      '/bin/script6',
      {},
      '/bin/script1 is no program that can be read: found no ELF header, expected an ELF file',
    ],
    [
      'scripts without an end',
      '/bin/loop',
      {},
      '/bin/loop is no program that can be read: found no ELF header, expected an ELF file',
    ],
  ])('%s', (_, path, evidence, why) => {
    expect(found(path, evidence)).toBe(why);
  });

  test.each<[string, string, ExecEvidence, unknown]>([
    ['with nothing to confirm it', '/bin/pie', {}, ['pie', NOWHERE, NOWHERE_LINKER]],
    ['of a fixed address', '/bin/fixed', {}, ['fixed', 0x40_0000, NOWHERE_LINKER]],
    [
      'but not against the trace',
      '/bin/pie',
      { heapStart: HEAP - 0x1000, madeReadOnly: [RELRO] },
      against('/bin/pie'),
    ],
  ])('a file that was named for it is taken, %s', (_, path, evidence, image) => {
    expect(found(path, evidence, true)).toEqual(image);
  });

  test.each<[string, string, ExecEvidence, string]>([
    [
      'is not here',
      '/bin/other-linker',
      { madeReadOnly: [RELRO] },
      'the dynamic linker is missing: /lib/none is not here',
    ],
    [
      'is another one',
      '/bin/pie',
      usual(RELRO, { start: LINKER_BASE, end: LINKER_BASE + 0x3000 }),
      `the dynamic linker is missing: ${against(LINKER)}`,
    ],
    [
      'begins elsewhere',
      '/bin/pie',
      { entry: LINKER_BASE + 0x322, madeReadOnly: [RELRO] },
      `the dynamic linker is missing: ${against(LINKER)}`,
    ],
  ])('the program without its dynamic linker, which %s', (_, path, evidence, lack) => {
    expect(found(path, evidence)).toEqual(['pie', BASE, undefined, lack]);
  });
});
