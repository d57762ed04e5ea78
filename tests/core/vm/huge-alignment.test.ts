/** Large mappings at multiples of a huge page: which versions do that, for what, and where a captured 6.18 put its own. */
import { expect, test } from 'vitest';
import { MAP_SHARED } from '../../../core/event/mmap-flags.ts';
import { linuxKernel } from '../../../core/kernel/linux.ts';
import { parseVersion } from '../../../core/kernel/version.ts';
import { MIB, machineOf, mmap, munmap, PAGE, RUNNING, RW, Session, type Step } from '../../support/rows.ts';

function running(
  version: string,
  layout = 'linux-x86_64',
  thp: 'madvise' | 'never' = 'madvise',
  above = 0x225,
): Session {
  const kernel = linuxKernel(parseVersion(version)!);
  return new Session(machineOf(layout, 128, { kernel }, { thp })).given(
    ...RUNNING,
    { kind: 'file', file: 1, length: 64 * MIB },
    // What lies at the top of a program's mappings, of no round size.
    mmap(100, above * PAGE, RW),
  );
}

const isAligned = (session: Session, step: Step): boolean => session.do(step).vpn % 512 === 0;
const FILE = mmap(1, 8 * MIB, RW, 1);
const WHOLE = mmap(1, 8 * MIB, RW);
const FILE_OF_64 = mmap(1, 64 * MIB, RW, 1);
const ODD = mmap(1, 8 * MIB + PAGE, RW);

test.each([
  ['5.17', [false, false, false]],
  ['5.18', [true, false, false]],
  ['6.1', [true, false, false]],
  ['6.7', [true, true, true]],
  ['6.12', [true, true, true]],
  ['6.13', [true, true, false]],
])('Linux %s: a file, whole huge pages, a page more: %o', (version, expected) => {
  expect([FILE, WHOLE, ODD].map((step) => isAligned(running(version), step))).toEqual(expected);
});

test('not what is smaller than a huge page, shared memory, or of a kernel without huge pages', () => {
  const steps = [mmap(1, 2 * MIB - PAGE, RW, 1), mmap(1, 8 * MIB, RW | MAP_SHARED)];
  expect(steps.map((step) => isAligned(running('6.18'), step))).toEqual([false, false]);
  expect(isAligned(running('6.18', 'linux-x86_64', 'never'), FILE)).toBe(false);
  expect(isAligned(running('6.18'), mmap(1, 2 * MIB, RW, 1))).toBe(true);
});

test('on 32 bits until 6.7 only', () => {
  const pae = (version: string): boolean => isAligned(running(version, 'linux-3g1g-pae'), FILE);
  expect(['6.1', '6.7', '6.8'].map(pae)).toEqual([true, true, false]);
});

test('where there is no room to align, it is put as others are', () => {
  const session = running('6.1', 'linux-3g1g-pae');
  let object = 1000;
  for (let size = 1024 * MIB; size >= MIB; size /= 2)
    while (session.status(mmap(object, size, RW)) === 'ok') object++;
  const freed = session.machine.records.mms[1]!.vmas.toArray().find(({ nrPages }) => nrPages === 64 * 256)!;
  session.given(munmap(freed.object, 0, 64 * MIB));
  expect(session.do(FILE_OF_64)).toMatchObject({ status: 'ok', vpn: freed.startVpn });
});

/** The libraries of the captured programs end the gap at 0x7ffff7dd0000. */
const captured = (version: string): Session => running(version, 'linux-x86_64', 'madvise', 0x22f);
const addresses = (session: Session, ...steps: readonly Step[]): string[] =>
  steps.map((step) => `0x${(session.do(step).vpn * PAGE).toString(16)}`);

test('a captured 6.18: what strace showed of a file mapped twice, of whole huge pages and of a page more', () => {
  const again = mmap(2, 8 * MIB, RW, 1);
  expect(addresses(captured('6.18'), FILE, again)).toEqual(['0x7ffff7400000', '0x7ffff6c00000']);
  const [whole, odd] = [mmap(1, 16 * MIB, RW), mmap(2, 64 * MIB + PAGE, RW)];
  expect(addresses(captured('6.18'), whole, odd)).toEqual(['0x7ffff6c00000', '0x7ffff2bff000']);
  // Until 6.7 what would be aligned by chance leaves a huge page free above it.
  expect(addresses(captured('6.1'), FILE, again)).toEqual(['0x7ffff7400000', '0x7ffff6a00000']);
});
