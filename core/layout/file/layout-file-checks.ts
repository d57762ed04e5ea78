/** What the fields of a custom layout have to be together. */

import { addressOf, formatSize } from '../../base/units.ts';
import type { AddressRange } from '../layout.ts';
import type { LayoutPlan } from '../plan.ts';
import type { FieldFaults } from './file-fields.ts';

export function checkPlan(plan: LayoutPlan, faults: FieldFaults): void {
  checkLevels(plan, faults);
  checkUserSpace(plan, faults);
  checkSegments(plan, faults);
  const windows = windowsOf(plan);
  for (const window of windows) checkWindow(plan, window, faults);
  checkOverlaps(windows, faults);
  plan.lowZones.forEach(({ end }, i) => {
    const before = plan.lowZones[i - 1]?.end ?? 0n;
    const found = hex(end);
    faults.check(end > before, [`zones[${i}].end`], found, `more than ${hex(before)}`, 'let zones ascend');
  });
}

function checkLevels({ translation, pageShift, virtualBits }: LayoutPlan, faults: FieldFaults): void {
  const { levels, entryBytes, largePageLevels } = translation;
  const paths = levels.map((_, i) => `levels[${i}].bits`);
  const sum = levels.reduce((bits, level) => bits + level.bits, pageShift);
  faults.check(
    sum === virtualBits,
    ['levels', 'virtualBits', 'pageBytes', 'wordBits', ...paths],
    `${sum - pageShift} bits in ${levels.length} levels and ${pageShift} in a page`,
    `${virtualBits} together (virtualBits)`,
    'change the widths of the levels, or virtualBits',
  );
  const pageBytes = 2 ** pageShift;
  levels.forEach(({ bits }, i) => {
    const most = Math.floor(Math.log2(pageBytes / entryBytes));
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

function checkUserSpace(plan: LayoutPlan, faults: FieldFaults): void {
  const { taskSize, stackTop, mmapBase, textBase, pageOffset, virtualBits, userParts } = plan;
  const end = isSignExtended(plan) ? 1n << BigInt(virtualBits - 1) : pageOffset;
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
  for (const [name, value] of Object.entries(fields)) checkAligned(plan, `user.${name}`, value, faults);
}

/** Whether addresses have unused bits, all equal to the uppermost one that is used. */
function isSignExtended({ wordBits, virtualBits, pageWindows }: LayoutPlan): boolean {
  return wordBits > virtualBits && pageWindows === undefined;
}

function checkSegments({ segments = [], wordBits }: LayoutPlan, faults: FieldFaults): void {
  const top = 1n << 32n;
  const found = `segments of a machine of ${wordBits} bits`;
  const remedy = 'remove them: 64-bit mode has flat segments';
  faults.check(segments.length === 0 || wordBits === 32, ['segments', 'wordBits'], found, '32', remedy);
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

function windowsOf({ vmalloc, fixmap, pkmap, pageShift, otherRegions }: LayoutPlan): Window[] {
  const window = (path: string, { start, end }: AddressRange): Window => ({
    path,
    start,
    end,
    from: `${path}.start`,
    to: `${path}.end`,
  });
  const kmap = pkmap && { start: pkmap.base, end: pkmap.base + addressOf(pkmap.slots, pageShift) };
  return [
    window('kernel.vmalloc', vmalloc),
    window('kernel.fixmap', fixmap),
    ...(kmap
      ? [{ ...window('kernel.pkmap', kmap), from: 'kernel.pkmap.base', to: 'kernel.pkmap.slots' }]
      : []),
    ...otherRegions.map((region, i) => window(`kernel.regions[${i}]`, region)),
  ];
}

function checkWindow(plan: LayoutPlan, { start, end, from, to }: Window, faults: FieldFaults): void {
  const { wordBits, virtualBits, taskSize } = plan;
  const top = 1n << BigInt(wordBits);
  const canonical = isSignExtended(plan) ? top - (1n << BigInt(virtualBits - 1)) : 0n;
  const lowest = taskSize > canonical ? taskSize : canonical;
  const inKernel = start >= lowest && end <= top;
  const paths = [from, to, 'user.end', 'wordBits', 'virtualBits'];
  const found = `${hex(start)}..${hex(end)}`;
  faults.check(end > start, paths, found, 'an end above the start', 'make the window larger');
  const expected = `kernel addresses, ${hex(lowest)} to ${hex(top)}`;
  faults.check(end <= start || inKernel, paths, found, expected, 'move the window there');
  checkAligned(plan, from, start, faults);
  checkAligned(plan, to, end, faults);
}

function checkAligned({ pageShift }: LayoutPlan, path: string, value: bigint, faults: FieldFaults): void {
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
