/** Layouts of every name with random RAM, memory maps and options, for laws. */
import fc from 'fast-check';
import { buildLayout, type Layout, layoutNames } from '../../core/layout/catalog/index.ts';

const MIB = 1n << 20n;

const NAMES = layoutNames().map(({ name }) => name);
/** Those of x86. */
const X86_NAMES = layoutNames()
  .filter(({ family }) => family === 'textbook' || family === 'linux-6.1')
  .map(({ name }) => name);

/** RAM below and above the kernel image, with holes of any size, not always at page boundaries. */
const memoryMap = fc
  .record({
    lowEnd: fc.integer({ min: 0x90000, max: 0xa0000 }),
    firstEndMib: fc.integer({ min: 40, max: 4000 }),
    more: fc.array(fc.record({ hole: fc.nat(2 ** 31), size: fc.integer({ min: 1, max: 2 ** 33 }) }), {
      maxLength: 4,
    }),
  })
  .map(({ lowEnd, firstEndMib, more }) => {
    const ranges = [
      { start: 0n, end: BigInt(lowEnd) },
      { start: MIB, end: BigInt(firstEndMib) * MIB },
    ];
    for (const { hole, size } of more) {
      const start = ranges.at(-1)!.end + BigInt(hole);
      ranges.push({ start, end: start + BigInt(size) });
    }
    return ranges;
  });

/** RAM of a board: from some 2 MiB on, the first range with the kernel in it. */
const boardMap = fc
  .record({ base: fc.integer({ min: 0, max: 1024 }), ranges: memoryMap })
  .map(({ base, ranges: [, first, ...more] }) => {
    const start = 2n * MIB * BigInt(base);
    const moved = more.map(({ start: from, end }) => ({ start: from + start, end: end + start }));
    return [{ start, end: start + first!.end }, ...moved];
  });

const ramBytes = fc
  .oneof(fc.integer({ min: 8192, max: 1 << 18 }), fc.integer({ min: 1 << 18, max: 1 << 27 }))
  .map((pages) => BigInt(pages) * 4096n);

const mib = (min: number, max: number) =>
  fc.option(
    fc.integer({ min, max }).map((size) => BigInt(size) * MIB),
    { nil: undefined },
  );

const layoutNamed = (names: readonly string[]): fc.Arbitrary<Layout> => {
  const [arm, others] = [names.filter(isArm), names.filter((name) => !isArm(name))];
  return arm.length === 0
    ? layoutOf(others, memoryMap, 64)
    : fc.oneof(layoutOf(others, memoryMap, 64), layoutOf(arm, boardMap, 32));
};

const isArm = (name: string): boolean => name.startsWith('linux-arm');

const layoutOf = (names: readonly string[], map: typeof memoryMap, mostCpus: number): fc.Arbitrary<Layout> =>
  fc
    .record({
      name: fc.constantFrom(...names),
      memory: fc.oneof(
        ramBytes.map((bytes) => ({ ramBytes: bytes })),
        map.map((ranges) => ({ memoryMap: ranges })),
      ),
      nrCpus: fc.integer({ min: 1, max: mostCpus }),
      vmallocBytes: mib(64, 800),
      highmemBytes: mib(0, 4096),
    })
    .map(({ name, memory, nrCpus, vmallocBytes, highmemBytes }) =>
      buildLayout(name, {
        ...memory,
        nrCpus,
        ...(vmallocBytes === undefined ? {} : { vmallocBytes }),
        ...(highmemBytes === undefined ? {} : { highmemBytes }),
      }),
    );

export const anyLayout = layoutNamed(NAMES);
export const anyX86Layout = layoutNamed(X86_NAMES);
