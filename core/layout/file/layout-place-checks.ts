/** What the addresses of a layout file have to be to each other: image, direct map, user regions, windows of pages. */
import type { Architecture, PageWindow } from '../../arch/architecture.ts';
import { formatSize } from '../../base/units.ts';
import type { AddressRange, KernelImage } from '../layout.ts';
import type { Ground, LayoutPlan } from '../plan.ts';
import type { FieldFaults } from './faults.ts';

export function checkPlaces(plan: LayoutPlan, ground: Ground, faults: FieldFaults): void {
  checkDirectMap(plan, ground, faults);
  checkImage(plan.kernelImage, ground, faults);
  checkUserRegions(plan, ground.arch, faults);
  const { pageWindows = [] } = ground.arch;
  for (const [i, window] of pageWindows.entries()) checkPageWindow(window, i, ground.arch, faults);
}

/** Large pages of the direct map begin at multiples of their size, in both address spaces. */
function checkDirectMap(
  { pageOffset }: LayoutPlan,
  { arch, physicalBase }: Ground,
  faults: FieldFaults,
): void {
  const { translation, pageShift } = arch;
  const { levels, largePageLevels } = translation;
  const paths = ['kernel.pageOffset', 'physicalBase', 'levels', 'pageBytes'];
  for (const level of largePageLevels) {
    const below = levels.slice(level + 1).reduce((bits, { bits: own }) => bits + own, pageShift);
    const large = 1n << BigInt(below);
    const rest = BigInt.asUintN(below, pageOffset - physicalBase);
    faults.check(
      rest === 0n,
      paths,
      hex(pageOffset),
      `${hex(physicalBase)} (physicalBase) and a multiple of a large page, ${formatSize(large)}`,
      `write ${hex(pageOffset - rest)}, or remove "large" of levels[${level}]`,
    );
  }
}

const SECTIONS = ['code', 'rodata', 'data', 'bss'] as const;

/** A section after the other, all of them in the image. */
function checkImage(image: KernelImage, { physicalBase }: Ground, faults: FieldFaults): void {
  const places: (readonly [path: string, address: bigint])[] = [
    ['physicalBase', physicalBase],
    ['kernel.image.start', image.start],
    ...SECTIONS.flatMap((name) => [
      [`kernel.image.${name}.start`, image[name].start] as const,
      [`kernel.image.${name}.end`, image[name].end] as const,
    ]),
    ['kernel.image.end', image.end],
    ['kernel.image.brkEnd', image.brkEnd],
  ];
  places.slice(1).forEach(([path, address], i) => {
    const [before, least] = places[i]!;
    const expected = `at least ${hex(least)}, as ${before}`;
    faults.check(least <= address, [path, before], hex(address), expected, 'let them ascend');
  });
  for (const name of ['idtTable', 'rootTable'] as const)
    faults.check(
      image.start <= image[name] && image[name] < image.brkEnd,
      [`kernel.image.${name}`, 'kernel.image.start', 'kernel.image.brkEnd'],
      hex(image[name]),
      `an address in the image, ${hex(image.start)} to ${hex(image.brkEnd)}`,
      'move it there',
    );
}

function checkUserRegions(
  { userRegions, userParts, taskSize }: LayoutPlan,
  arch: Architecture,
  faults: FieldFaults,
): void {
  const parts = userParts && { text: userParts.text, mmap: userParts.mmap, stack: userParts.stack };
  const ranges: (readonly [path: string, range: AddressRange])[] = [
    ...userRegions.map((region, i) => [`user.regions[${i}]`, region] as const),
    ...Object.entries(parts ?? {}).map(([name, range]) => [`user.parts.${name}`, range] as const),
  ];
  for (const [path, { start, end }] of ranges) {
    const paths = [`${path}.end`, `${path}.start`, 'user.end'];
    const expected = `more than its start, ${hex(start)}, and at most ${hex(taskSize)} (user.end)`;
    faults.check(start < end && end <= taskSize, paths, hex(end), expected, 'move it there');
    checkMultiple(`${path}.start`, start, arch, faults);
    checkMultiple(`${path}.end`, end, arch, faults);
  }
}

/** Numbers of pages fit the tables, and go on from window to window. */
function checkPageWindow(
  { start, end, vpn }: PageWindow,
  i: number,
  arch: Architecture,
  faults: FieldFaults,
): void {
  const path = `pageWindows[${i}]`;
  const before = arch.pageWindows![i - 1];
  const top = 1n << BigInt(arch.wordBits);
  const least = before?.end ?? 0n;
  const paths = [`${path}.start`, `${path}.end`, `pageWindows[${i - 1}].end`, 'wordBits'];
  faults.check(
    least <= start && start < end && end <= top,
    paths,
    `${hex(start)}..${hex(end)}`,
    `a window from ${hex(least)} on that ends by ${hex(top)}`,
    'let windows ascend',
  );
  checkMultiple(`${path}.start`, start, arch, faults);
  checkMultiple(`${path}.end`, end, arch, faults);
  checkPageNumbers({ start, end, vpn }, before, path, arch, faults);
}

/** In the top table, each has entries of its own; what is no table's but a linear window's may have any numbers above. */
function checkPageNumbers(
  { vpn }: PageWindow,
  before: PageWindow | undefined,
  path: string,
  { translation }: Architecture,
  faults: FieldFaults,
): void {
  const span = 2 ** translation.levels.slice(1).reduce((bits, level) => bits + level.bits, 0);
  const least = before === undefined ? 0 : before.vpn + span;
  const expected = `a multiple of ${span} (what an entry of the top table covers) from ${least} on`;
  const paths = [`${path}.vpn`, 'levels', 'pageBytes'];
  faults.check(
    vpn >= least && vpn % span === 0,
    paths,
    String(vpn),
    expected,
    'let numbers of windows ascend',
  );
}

function checkMultiple(path: string, value: bigint, { pageShift }: Architecture, faults: FieldFaults): void {
  const aligned = value - BigInt.asUintN(pageShift, value);
  const expected = `a multiple of the page size, ${formatSize(1n << BigInt(pageShift))}`;
  faults.check(value === aligned, [path, 'pageBytes'], hex(value), expected, `write ${hex(aligned)}`);
}

function hex(address: bigint): string {
  return `0x${address.toString(16)}`;
}
