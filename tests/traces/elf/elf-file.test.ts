/** ELF files: what is read of them, and what is refused. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { PROT_EXEC, PROT_READ, PROT_WRITE } from '../../../core/event/mmap-flags.ts';
import { Fault } from '../../../traces/base/errors.ts';
import { readElf } from '../../../traces/elf/elf-file.ts';
import { clearedFrom, endOf, piecesOf } from '../../../traces/elf/elf-image.ts';
import { type Elf, elfBytes, PF_R, PF_W, PF_X, PT, reader } from '../../support/elf-builder.ts';

const KINDS = [
  { wordBytes: 8, isBigEndian: false },
  { wordBytes: 8, isBigEndian: true },
  { wordBytes: 4, isBigEndian: false },
  { wordBytes: 4, isBigEndian: true },
] as const;

const SEGMENTS = [
  { type: PT.load, address: 0, fileBytes: 0x688 },
  { type: PT.load, flags: PF_R | PF_X, offset: 0x1000, address: 0x1000, fileBytes: 0x1bd },
  {
    type: PT.load,
    flags: PF_R | PF_W,
    offset: 0x2dd0,
    address: 0x3dd0,
    fileBytes: 0x258,
    memoryBytes: 0x2260,
  },
];

const PROGRAM = {
  type: 3,
  entry: 0x1070,
  interpreter: '/lib/ld.so.1',
  buildId: [0xab, 0x01, 0xff],
  headers: [
    ...SEGMENTS,
    { type: PT.stack, flags: PF_R | PF_W },
    { type: PT.relro, address: 0x3dd0, fileBytes: 0x230 },
  ],
};

const elf = (kind: Pick<Elf, 'wordBytes' | 'isBigEndian'>, changes: Partial<Elf> = {}) =>
  readElf(reader(elfBytes({ ...PROGRAM, ...kind, ...changes })));

describe.each(KINDS)('of words of $wordBytes bytes, big-endian $isBigEndian', (kind) => {
  test('header, segments, dynamic linker, RELRO, stack and build-id', () => {
    expect(elf(kind)).toMatchObject({
      wordBytes: kind.wordBytes,
      isFixed: false,
      entry: 0x1070,
      interpreter: '/lib/ld.so.1',
      relro: { start: 0x3000, end: 0x4000 },
      hasExecutableStack: false,
      buildId: 'ab01ff',
    });
    expect(
      elf(kind).segments.map(({ address, memoryBytes, offset }) => [address, memoryBytes, offset]),
    ).toEqual([
      [0, 0x688, 0],
      [0x1000, 0x1bd, 0x1000],
      [0x3dd0, 0x2260, 0x2dd0],
    ]);
  });

  test('an executable stack, a fixed address, no dynamic linker', () => {
    const headers = [...SEGMENTS, { type: PT.stack, flags: PF_R | PF_W | PF_X }];
    const { interpreter: _, ...rest } = PROGRAM;
    const read = readElf(reader(elfBytes({ ...rest, ...kind, type: 2, headers })));
    expect(read).toMatchObject({ isFixed: true, hasExecutableStack: true, interpreter: undefined });
    expect(read.relro).toEqual({ start: 0, end: 0 });
  });

  test('whatever bytes are changed, it is read or refused by a Fault, soon, and segments are sound', () => {
    const whole = elfBytes({ ...PROGRAM, ...kind });
    const changes = fc.array(fc.tuple(fc.nat(0x3ff), fc.integer({ min: 0, max: 255 })), {
      minLength: 1,
      maxLength: 12,
    });
    fc.assert(
      fc.property(changes, fc.nat(0x1000), fc.boolean(), (changed, length, isCut) => {
        const bytes = Uint8Array.from(whole.subarray(0, isCut ? length : whole.length));
        for (const [at, value] of changed) if (at < bytes.length) bytes[at] = value;
        try {
          const { segments } = readElf(reader(bytes));
          for (const piece of piecesOf({ ...elf(kind), segments }, 'x', 0)) {
            expect(piece.start % 4096).toBe(0);
            expect(piece.end - piece.start).toBeLessThanOrEqual(2 ** 31 + 8192);
          }
        } catch (error) {
          expect(error).toBeInstanceOf(Fault);
        }
      }),
      { numRuns: 300 },
    );
  });
});

const KIND = KINDS[0];
const bytesWith = (change: (view: DataView) => void): Uint8Array => {
  const bytes = elfBytes({ ...PROGRAM, ...KIND });
  change(new DataView(bytes.buffer));
  return bytes;
};
const LOAD = { type: PT.load, fileBytes: 16 };

describe('refused, with what is wrong', () => {
  test.each<[string, Uint8Array, RegExp]>([
    ['an empty file', new Uint8Array(0), /no ELF header/],
    ['a script', Buffer.from('#!/bin/sh\n'), /no ELF header/],
    ['a class that there is not', bytesWith((view) => view.setUint8(4, 3)), /ELF class 3/],
    ['a byte order that there is not', bytesWith((view) => view.setUint8(5, 0)), /byte order 0/],
    ['a header that is cut', elfBytes({ ...PROGRAM, ...KIND }).subarray(0, 60), /of 60 bytes/],
    ['an object file', elfBytes({ ...PROGRAM, ...KIND, type: 1 }), /ELF type 1/],
    ['no program headers', bytesWith((view) => view.setUint16(56, 0, true)), /0 program headers/],
    ['program headers of another size', bytesWith((view) => view.setUint16(54, 32, true)), /of 32 bytes/],
    [
      'more program headers than a kernel reads',
      bytesWith((view) => view.setUint16(56, 1171, true)),
      /1171 program/,
    ],
    [
      'program headers behind the end',
      bytesWith((view) => view.setUint32(32, 0xfff, true)),
      /program headers at byte 4095 cut off/,
    ],
    [
      'nothing to load',
      elfBytes({ ...PROGRAM, ...KIND, headers: [{ type: PT.stack }] }),
      /no segment to load/,
    ],
    [
      'more of the file than memory',
      elfBytes({ ...PROGRAM, ...KIND, headers: [{ ...LOAD, memoryBytes: 15 }] }),
      /a segment at 0/,
    ],
    [
      'another place in the page',
      elfBytes({ ...PROGRAM, ...KIND, headers: [{ ...LOAD, offset: 1 }] }),
      /from 1 on/,
    ],
    [
      'segments in the wrong order',
      elfBytes({ ...PROGRAM, ...KIND, headers: [{ ...LOAD, address: 0x1000 }, LOAD] }),
      /a segment at 0/,
    ],
    [
      'segments that overlap',
      elfBytes({ ...PROGRAM, ...KIND, headers: [LOAD, { ...LOAD, address: 0 }] }),
      /a segment at 0/,
    ],
    [
      'more than 2 GiB',
      elfBytes({ ...PROGRAM, ...KIND, headers: [{ ...LOAD, memoryBytes: 2 ** 31 + 1 }] }),
      /in 2147483649/,
    ],
    [
      'an address of no user space',
      bytesWith((view) => view.setUint32(64 + 16 + 4, 0xffff_8000, true)),
      /as an address or offset/,
    ],
    ['a name of one byte', elfBytes({ ...PROGRAM, ...KIND, interpreter: '' }), /of 1 bytes/],
    [
      'a name that is too long',
      bytesWith((view) => view.setUint32(64 + 5 * 56 + 32, 4097, true)),
      /of 4097 bytes/,
    ],
    [
      'a name without an end',
      bytesWith((view) => view.setUint32(64 + 5 * 56 + 32, 5, true)),
      /without an end/,
    ],
  ])('%s', (_, bytes, message) => {
    expect(() => readElf(reader(bytes))).toThrow(message);
    expect(() => readElf(reader(bytes))).toThrow(Fault);
  });
});

describe('pieces', () => {
  const pieces = (headers: Elf['headers'], base = 0) =>
    piecesOf(elf(KIND, { headers }), '/x', base).map(({ start, end, prot, file, offset, hasBss }) => [
      start.toString(16),
      end.toString(16),
      prot,
      file === undefined ? 'bss' : offset,
      hasBss,
    ]);

  test('whole pages, memory of no file behind what the file has, and which page execve clears', () => {
    expect(pieces(SEGMENTS, 0x10_0000)).toEqual([
      ['100000', '101000', PROT_READ, 0, false],
      ['101000', '102000', PROT_READ | PROT_EXEC, 0x1000, false],
      ['103000', '105000', PROT_READ | PROT_WRITE, 0x2000, true],
      ['105000', '107000', PROT_READ | PROT_WRITE, 'bss', undefined],
    ]);
    expect(endOf(elf(KIND))).toBe(0x7000);
    expect(clearedFrom(elf(KIND))).toBe(0x4028);
  });

  test('what the file has ends with a page: nothing is cleared', () => {
    const full = { type: PT.load, flags: PF_R | PF_W, fileBytes: 0x1000, memoryBytes: 0x1800 };
    expect(pieces([full])).toEqual([
      ['0', '1000', PROT_READ | PROT_WRITE, 0, false],
      ['1000', '2000', PROT_READ | PROT_WRITE, 'bss', undefined],
    ]);
  });

  test('a segment of no file at all, which may be executed', () => {
    const only = { type: PT.load, flags: PF_R | PF_W | PF_X, address: 0x2000, memoryBytes: 0x10 };
    expect(pieces([LOAD, only])[1]).toEqual([
      '2000',
      '3000',
      PROT_READ | PROT_WRITE | PROT_EXEC,
      'bss',
      undefined,
    ]);
  });

  test('a segment that begins in the last page of another is mapped over it', () => {
    const data = { type: PT.load, flags: PF_R | PF_W, fileBytes: 0x1100, memoryBytes: 0x1100 };
    const next = { type: PT.load, offset: 0x1800, address: 0x1800, fileBytes: 0x100 };
    expect(pieces([data, next]).map(([start, end]) => [start, end])).toEqual([
      ['0', '1000'],
      ['1000', '2000'],
    ]);
  });
});
