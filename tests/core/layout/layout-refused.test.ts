/** Machines that a layout cannot have, refused with what is expected; and those at the edge, which it can. */
import { describe, expect, test } from 'vitest';
import { UsageError } from '../../../core/base/errors.ts';
import { buildLayout, type LayoutOptions } from '../../../core/layout/catalog/index.ts';

const KIB = 1n << 10n;
const MIB = 1n << 20n;
const GIB = 1n << 30n;
const TIB = 1n << 40n;

describe('refused, with what was found, what is expected, and what to do', () => {
  const map = (...ranges: [bigint, bigint][]) => ({
    memoryMap: ranges.map(([start, end]) => ({ start, end })),
  });

  test.each<[string, string, LayoutOptions, RegExp]>([
    ['a mistyped name', 'linux-3g1', {}, /unknown layout 'linux-3g1'; did you mean linux-3g1g\?/],
    ['a name in capitals', '2G2G', {}, /did you mean 2g2g\?/],
    [
      'a name half of which is wrong',
      '3x1x',
      {},
      /^unknown layout '3x1x' \(all of them: `vmsplit layouts`, or layoutNames/,
    ],
    ['a name like no other', 'pdp', {}, /^unknown layout 'pdp' \(all of them: /],
    [
      'too little RAM',
      '3g1g',
      { ramBytes: 16n * MIB - 1n },
      /16777215 bytes of RAM; expected 16 MiB to 1 TiB: give it more/,
    ],
    [
      'too little for Linux',
      'linux-3g1g',
      { ramBytes: 31n * MIB },
      /31 MiB of RAM; expected 32 MiB to 1023 GiB/,
    ],
    ['too much RAM', 'x86_64', { ramBytes: TIB + 4096n }, /expected 32 MiB to 1 TiB: give it less/],
    [
      'too much for a PC',
      'linux-x86_64',
      { ramBytes: 1024n * GIB },
      /1 TiB of RAM; expected 32 MiB to 1023 GiB/,
    ],
    [
      'a build of a kernel that is built in one way',
      'linux-3g1g',
      { build: { thp: true } },
      /found build.thp, but its kernel is configured in one way; expected no build/,
    ],
    ['no cpu', '3g1g', { cpus: 0 }, /0 cpus present; expected 1 to 8/],
    ['more cpus than built for', '3g1g', { cpus: 9 }, /9 cpus present; expected 1 to 8: raise nrCpus/],
    ['more cpus than 32 bits allow', '3g1g', { nrCpus: 65 }, /expected nrCpus to be 1 to 64/],
    ['half a cpu', 'x86_64', { nrCpus: 1.5 }, /built for 1.5 cpus; expected nrCpus to be 1 to 8192/],
    [
      'vmalloc= too large',
      'linux-3g1g',
      { vmallocBytes: 968n * MIB },
      /vmalloc=968 MiB leaves no room for the direct map/,
    ],
    [
      'vmalloc= too small',
      '3g1g',
      { vmallocBytes: 40n * MIB },
      /vmalloc=40 MiB leaves no vmalloc area; expected more than/,
    ],
    ['a negative highmem=', '3g1g', { highmemBytes: -1n }, /highmem=-1: expected a size of 0 bytes or more/],
    [
      'a part of a byte',
      '3g1g',
      { ramBytes: 2 ** 30 + 0.5 },
      /ramBytes: found 1073741824.5, expected a whole/,
    ],
    [
      'more bytes than are counted',
      '3g1g',
      { vmallocBytes: 2 ** 53 },
      /vmallocBytes: found 9007199254740992, /,
    ],
    ['no number', '3g1g', { ramBytes: Number.NaN }, /ramBytes: found NaN, expected a whole number of bytes/],
    ['an empty memory map', '3g1g', { memoryMap: [], ramBytes: GIB }, /an empty memory map/],
    ['an empty range', '3g1g', map([0n, GIB], [GIB, GIB]), /RAM at 0x40000000..0x40000000 is empty/],
    [
      'overlapping ranges',
      '3g1g',
      map([0n, GIB], [GIB - 1n, 2n * GIB]),
      /expected ascending ranges: sort or merge/,
    ],
    ['RAM above 1 TiB', 'x86_64', map([0n, GIB], [TIB, TIB + 1n]), /ends above 1 TiB/],
    [
      'no RAM for the kernel',
      'linux-3g1g',
      map([0n, 20n * MIB], [32n * MIB, GIB]),
      /no low memory for the kernel image/,
    ],
    ['no RAM below 4 GiB', 'linux-3g1g', map([4n * GIB, 5n * GIB]), /low memory ends at 0 bytes/],
  ])('%s', (_, name, options, message) => {
    expect(() => buildLayout(name, options)).toThrow(UsageError);
    expect(() => buildLayout(name, options)).toThrow(message);
  });

  test.each<[string, string, LayoutOptions]>([
    ['least RAM', '3g1g', { ramBytes: 16n * MIB }],
    ['least RAM for Linux', 'linux-x86_64', { ramBytes: 32n * MIB }],
    ['most RAM', 'x86_64', { ramBytes: TIB }],
    ['most RAM of a PC', 'linux-x86_64', { ramBytes: 1023n * GIB }],
    ['as many cpus as built for', '3g1g', { cpus: 64, nrCpus: 64 }],
    ['most vmalloc=', 'linux-3g1g', { vmallocBytes: 967n * MIB - 8n * KIB }],
    ['least vmalloc= of the textbook', '3g1g', { vmallocBytes: 49n * MIB }],
  ])('but not %s', (_, name, options) => {
    expect(buildLayout(name, options).zones.length).toBeGreaterThan(0);
  });

  test('nor sizes as numbers, which make the same layout as bigints', () => {
    const sizes = { ramBytes: 2 ** 30, vmallocBytes: 2 ** 28, highmemBytes: 2 ** 27 };
    const same = { ramBytes: GIB, vmallocBytes: 256n * MIB, highmemBytes: 128n * MIB };
    expect(buildLayout('linux-3g1g', sizes)).toEqual(buildLayout('linux-3g1g', same));
  });
});
