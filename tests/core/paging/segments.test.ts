/** The segmentation unit: base, limit and privilege, checked before any page table; flat segments change nothing. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { bootMachine } from '../../../core/boot/boot.ts';
import { checkMachine } from '../../../core/check/invariants.ts';
import { EXECUTE, KERNEL_MODE, READ, WRITE } from '../../../core/event/access-mode.ts';
import { PLACE_STACK, PROT_EXEC } from '../../../core/event/mmap-flags.ts';
import { explainAddress } from '../../../core/explain/explain.ts';
import { buildCustomLayout, type Layout, parseLayoutFile } from '../../../core/layout/catalog/index.ts';
import { OBJECT } from '../../../core/state/objects.ts';
import { figuresBehind } from '../../../replay/text/reasons.ts';
import { WORKLOADS } from '../../../workloads/index.ts';
import { replay } from '../../support/laws.ts';
import { access, eventOf, kmalloc, mmap, RW, Session } from '../../support/rows.ts';

const FILE = readFileSync(join(import.meta.dirname, '../../fixtures/layouts/segments.json'), 'utf8');

function layoutWith(segments: Record<string, unknown> | null = JSON.parse(FILE).segments): Layout {
  const text = JSON.stringify({ ...JSON.parse(FILE), segments });
  return buildCustomLayout(parseLayoutFile(text, 'segments.json'), { ramBytes: 256n << 20n, cpus: 2 });
}

const running = (layout: Layout): Session =>
  new Session(bootMachine(layout)).given({ kind: 'spawn', pid: 1 }, { kind: 'switch', pid: 1 });

test.each(WORKLOADS)('segments that cover what their code uses change no outcome of $name', (workload) => {
  const run = (layout: Layout) => replay(bootMachine(layout), [...workload.generate(3, {}, 3000)], 1000);
  const { machine, outcomes } = run(layoutWith());
  expect(outcomes).toBe(run(layoutWith(null)).outcomes);
  expect(checkMachine(machine)).toEqual([]);
});

describe('limits', () => {
  const MIB = 2 ** 20;
  const segments = JSON.parse(FILE).segments;
  const cut = (bytes: bigint) => ({ ...segments, userData: { base: 0, limit: `0x${bytes.toString(16)}` } });
  // The stack ends at 3 GiB: its last byte is the last of the segment, or the first beyond it.
  const withStack = (limit: bigint): Session =>
    running(layoutWith(cut(limit))).given(mmap(1, MIB, RW | PROT_EXEC | PLACE_STACK));

  test('the last byte within the limit is reached, the next is not, nor an access that straddles it', () => {
    const session = withStack(0xbffffffen);
    const before = session.counter('walks');
    expect(session.status(access(1, MIB - 1, 1, WRITE))).toBe('protection');
    expect(session.status(access(1, MIB - 8, 8))).toBe('protection');
    expect([session.counter('walks'), session.counter('demandZeroFaults')]).toEqual([before, 0]);
    expect(session.status(access(1, MIB - 2, 1, WRITE))).toBe('ok');
    expect(withStack(0xbfffffffn).status(access(1, MIB - 8, 8))).toBe('ok');
  });

  test('code is fetched through the code segment, and the kernel reaches user memory through the user data segment', () => {
    const session = withStack(0xbfffeffen);
    expect(session.status(access(1, MIB - 8, 8, EXECUTE))).toBe('ok');
    expect(session.status(access(1, MIB - 8, 8, READ | KERNEL_MODE))).toBe('protection');
  });

  test('the kernel has its own', () => {
    const kernelData = { base: '0xc0000000', limit: '0xffff' };
    const session = running(layoutWith({ ...segments, kernelData })).given(kmalloc(1, 64));
    expect(session.status(access(1, 0, 8, READ | KERNEL_MODE))).toBe('protection');
    expect(session.status(access(1, 0, 8))).toBe('privilege');
  });

  test('what lies below the base is out of reach, however large the segment', () => {
    const kernelData = { base: '0xd0000000', limit: '0x2fffffff' };
    const session = running(layoutWith({ ...segments, kernelData })).given(kmalloc(1, 64));
    const linear = session.machine.objects.get(1, OBJECT.vpn) * 4096;
    expect(linear).toBeLessThan(0xd0000000);
    expect(session.status(access(1, 0, 8, READ | KERNEL_MODE))).toBe('protection');
  });

  test('a segment of too much privilege is closed to user mode, and open to the kernel', () => {
    const userData = { ...segments.userData, privilege: 0 };
    const session = running(layoutWith({ ...segments, userData })).given(mmap(1, 4096));
    expect(session.status(access(1, 0, 8))).toBe('privilege');
    expect(session.status(access(1, 0, 8, READ | KERNEL_MODE))).toBe('ok');
  });

  test('the reason names the descriptor', () => {
    const { machine } = withStack(0xbffffffen);
    const event = eventOf(access(1, MIB - 8, 8));
    expect(figuresBehind(machine, event, 'protection')).toBe(
      'it goes through the user data segment: 0x0 to 0xbffffffe, privilege 3',
    );
    const flat = running(layoutWith(null)).machine;
    expect(figuresBehind(flat, event, 'protection')).toBe('');
  });
});

describe('explain', () => {
  const { machine } = running(layoutWith());
  const reach = (linear: bigint) =>
    explainAddress(machine, 'virtual', linear).segmentation.map(({ descriptor, offset }) => [
      descriptor,
      offset,
    ]);

  test('tells the logical address of each descriptor: the first step of the way to the frame', () => {
    expect(reach(0xc0001234n)).toEqual([
      ['user code', undefined],
      ['user data', undefined],
      ['kernel code', 0x1234n],
      ['kernel data', 0x1234n],
    ]);
    expect(reach(0xbfffffffn).slice(1, 3)).toEqual([
      ['user data', 0xbfffffffn],
      ['kernel code', undefined],
    ]);
  });

  test('has nothing to tell of flat segments', () => {
    const flat = running(layoutWith(null)).machine;
    expect(explainAddress(flat, 'virtual', 0xc0001234n).segmentation).toEqual([]);
  });
});
