/** What the fields of a custom layout have to be together. */

import { type Architecture, isSignExtended } from '../../arch/architecture.ts';
import { addressOf, formatSize } from '../../base/units.ts';
import type { AddressRange } from '../layout.ts';
import type { LayoutMember } from '../member.ts';
import type { LayoutPlan } from '../plan.ts';
import type { FieldFaults } from './faults.ts';
import { checkPlaces } from './layout-place-checks.ts';
import { architectureNamed } from './platforms.ts';

/** What the plan runs on, as far as a file says. */
type Ground = Pick<LayoutMember, 'arch' | 'physicalBase'>;

export function checkPlan(plan: LayoutPlan, { arch, physicalBase }: Ground, faults: FieldFaults): void {
  checkWidths(plan, arch, faults);
  checkLevels(arch, faults);
  checkUserSpace(plan, arch, faults);
  checkSegments(plan, arch, faults);
  checkPlaces(plan, { arch, physicalBase }, faults);
  checkAligned(arch, 'physicalBase', physicalBase, faults);
  const windows = windowsOf(plan, arch);
  for (const window of windows) checkWindow(plan, arch, window, faults);
  checkOverlaps(windows, faults);
  plan.lowZones.forEach(({ end }, i) => {
    const before = plan.lowZones[i - 1]?.end ?? 0n;
    const found = hex(end);
    faults.check(end > before, [`zones[${i}].end`], found, `more than ${hex(before)}`, 'let zones ascend');
  });
}

function checkWidths(
  { kernelStackBytes }: LayoutPlan,
  { wordBits, virtualBits, pageShift }: Architecture,
  faults: FieldFaults,
): void {
  const expected = `a whole number from 8 to ${wordBits}`;
  const paths = ['virtualBits', 'wordBits'];
  faults.check(virtualBits <= wordBits, paths, String(virtualBits), expected, 'write it so');
  const found = String(kernelStackBytes);
  const page = `a page of ${2 ** pageShift} or more`;
  const stackPaths = ['kernel.stackBytes', 'pageBytes'];
  faults.check(kernelStackBytes >= 2 ** pageShift, stackPaths, found, page, 'make it larger');
}

function checkLevels({ name, translation, pageShift, virtualBits }: Architecture, faults: FieldFaults): void {
  const { levels, entryBytes, largePageLevels } = translation;
  const paths = levels.map((_, i) => `levels[${i}].bits`);
  const sum = bitsOf(translation, pageShift);
  const usual = architectureNamed(name);
  // Where each half of the addresses has a root of its own, one bit chooses it.
  const chosen = usual === undefined ? 0 : usual.virtualBits - bitsOf(usual.translation, usual.pageShift);
  faults.check(
    sum === virtualBits - chosen,
    ['levels', 'virtualBits', 'pageBytes', 'wordBits', ...paths],
    `${sum - pageShift} bits in ${levels.length} levels and ${pageShift} in a page`,
    `${virtualBits - chosen} together (virtualBits)`,
    'change the widths of the levels, or virtualBits',
  );
  const pageBytes = 2 ** pageShift;
  levels.forEach(({ bits }, i) => {
    // A processor whose root takes several pages says so.
    const own = usual?.translation.entryBytes === entryBytes ? (usual.translation.levels[i]?.bits ?? 0) : 0;
    const most = Math.max(Math.floor(Math.log2(pageBytes / entryBytes)), own);
    const found = `${bits}: ${2 ** bits} entries of ${entryBytes} bytes`;
    const expected = `at most ${most}: a table is one page of ${pageBytes} bytes`;
    faults.check(bits <= most, [paths[i]!, 'entryBytes', 'pageBytes'], found, expected, 'add a level');
  });
  const last = levels.length - 1;
  faults.check(
    !largePageLevels.includes(last),
    [`levels[${last}].large`],
    'true',
    'large pages above the last level only',
    'remove it: the last level maps pages anyway',
  );
}

/** Bits of an address that a tree and the offset in a page take. */
function bitsOf({ levels }: Architecture['translation'], pageShift: number): number {
  return levels.reduce((bits, level) => bits + level.bits, pageShift);
}

function checkUserSpace(plan: LayoutPlan, arch: Architecture, faults: FieldFaults): void {
  const { taskSize, stackTop, mmapBase, textBase, pageOffset, userParts } = plan;
  const { virtualBits } = arch;
  const end = isSignExtended(arch) ? 1n << BigInt(virtualBits - 1) : pageOffset;
  const limit = end < pageOffset ? end : pageOffset;
  const below = (path: string, value: bigint, most: bigint, what: string): void =>
    faults.check(
      value > 0n && value <= most,
      [`user.${path}`, 'user.end', 'user.stackTop', 'kernel.pageOffset', 'virtualBits', 'wordBits'],
      hex(value),
      `an address up to ${hex(most)} (${what})`,
      'move it down',
    );
  below('end', taskSize, limit, limit === pageOffset ? 'kernel.pageOffset' : 'half of virtualBits');
  below('stackTop', stackTop, taskSize, 'user.end');
  if (userParts === undefined) {
    below('mmapBase', mmapBase, stackTop, 'user.stackTop');
    below('textBase', textBase, mmapBase, 'user.mmapBase');
  }
  const fields = { end: taskSize, stackTop, mmapBase, textBase };
  for (const [name, value] of Object.entries(fields)) checkAligned(arch, `user.${name}`, value, faults);
}

function checkSegments({ segments = [] }: LayoutPlan, arch: Architecture, faults: FieldFaults): void {
  const top = 1n << 32n;
  const found = `segments on ${arch.name}`;
  const expected = 'an architecture that has a segmentation unit';
  const paths = ['segments', 'arch', 'wordBits'];
  faults.check(segments.length === 0 || arch.hasSegments, paths, found, expected, 'remove them');
  for (const { name, base, limit } of segments) {
    const path = `segments.${name.replace(/ (.)/, (_, letter: string) => letter.toUpperCase())}`;
    const end = hex(base + limit);
    faults.check(
      base + limit < top,
      [`${path}.limit`, `${path}.base`],
      `an end at ${end}`,
      'it below 4 GiB',
      'lower it',
    );
  }
}

interface Window extends AddressRange {
  readonly path: string;
  /** The fields that say where it begins and ends. */
  readonly from: string;
  readonly to: string;
}

function windowsOf({ vmalloc, fixmap, pkmap, otherRegions }: LayoutPlan, arch: Architecture): Window[] {
  const window = (path: string, { start, end }: AddressRange): Window => ({
    path,
    start,
    end,
    from: `${path}.start`,
    to: `${path}.end`,
  });
  const kmap = pkmap && { start: pkmap.base, end: pkmap.base + addressOf(pkmap.slots, arch.pageShift) };
  return [
    window('kernel.vmalloc', vmalloc),
    window('kernel.fixmap', fixmap),
    ...(kmap
      ? [{ ...window('kernel.pkmap', kmap), from: 'kernel.pkmap.base', to: 'kernel.pkmap.slots' }]
      : []),
    ...otherRegions.map((region, i) => window(`kernel.regions[${i}]`, region)),
  ];
}

function checkWindow(
  { taskSize }: LayoutPlan,
  arch: Architecture,
  { start, end, from, to }: Window,
  faults: FieldFaults,
): void {
  const { wordBits, virtualBits } = arch;
  const top = 1n << BigInt(wordBits);
  const canonical = isSignExtended(arch) ? top - (1n << BigInt(virtualBits - 1)) : 0n;
  const lowest = taskSize > canonical ? taskSize : canonical;
  const inKernel = start >= lowest && end <= top;
  const paths = [from, to, 'user.end', 'wordBits', 'virtualBits'];
  const found = `${hex(start)}..${hex(end)}`;
  faults.check(end > start, paths, found, 'an end above the start', 'make the window larger');
  const expected = `kernel addresses, ${hex(lowest)} to ${hex(top)}`;
  faults.check(end <= start || inKernel, paths, found, expected, 'move the window there');
  checkAligned(arch, from, start, faults);
  checkAligned(arch, to, end, faults);
}

function checkAligned({ pageShift }: Architecture, path: string, value: bigint, faults: FieldFaults): void {
  const pageBytes = 1n << BigInt(pageShift);
  const aligned = value - (value % pageBytes);
  const expected = `a multiple of the page size, ${formatSize(pageBytes)}`;
  faults.check(value === aligned, [path, 'pageBytes'], hex(value), expected, `write ${hex(aligned)}`);
}

function checkOverlaps(windows: readonly Window[], faults: FieldFaults): void {
  const ascending = windows.toSorted((a, b) => (a.start < b.start ? -1 : 1));
  ascending.slice(1).forEach((window, i) => {
    const before = ascending[i]!;
    faults.check(
      before.end <= window.start,
      [window.from, window.to, before.from, before.to],
      hex(window.start),
      `at least ${hex(before.end)}, the end of ${before.path}`,
      'move one of the two',
    );
  });
}

function hex(address: bigint): string {
  return `0x${address.toString(16)}`;
}
