/** OSTEP's machines, with addresses of 15 bits and pages of 32 bytes: all mechanisms in 4 KiB. */
import { describe, expect, test } from 'vitest';
import { bootMachine } from '../../../core/boot/boot.ts';
import { checkMachine } from '../../../core/check/invariants.ts';
import { KERNEL_MODE, READ, WRITE } from '../../../core/event/access-mode.ts';
import { explainAddress } from '../../../core/explain/explain.ts';
import { buildLayout, toyLayoutNames } from '../../../core/layout/catalog/index.ts';
import { freePagesOf } from '../../../core/phys/free-lists.ts';
import { pcpCount } from '../../../core/phys/pcp-lists.ts';
import { CPUS_VAR } from '../../../core/state/cpus.ts';
import { access, kmalloc, mmap, RUNNING, Session, type Step, vmalloc } from '../../support/rows.ts';

const OSTEP_PAGE = 32;

/** Free pages, those on the lists of cpu 0 too. */
const freePages = ({ machine }: Session): number =>
  freePagesOf(machine, 0) + (machine.vars[CPUS_VAR.busyCpus] === 0 ? 0 : pcpCount(machine, 0, 0));

const explained = ({ machine }: Session, address: bigint) => explainAddress(machine, 'virtual', address, {});

describe.each(toyLayoutNames())('the toys of OSTEP, pages of 32 bytes: %s', (name) => {
  const layout = buildLayout(name, { ramBytes: 4096n });
  const { levels } = layout.arch.translation;
  const bits = layout.arch.wordBits;
  const half = 1n << BigInt(bits - 1);
  const boot = (): Session => new Session(bootMachine(layout));

  test('boots in 4 KiB, with the tables of its process where the levels say', () => {
    const session = boot();
    expect(checkMachine(session.machine)).toEqual([]);
    const tables = session.counter('pageTablePages');
    expect(tables).toBe(levels.length === 1 ? 16 : 1 + 4);
    session.given(...RUNNING);
    expect(session.counter('pageTablePages')).toBe(tables + (levels.length === 1 ? 16 : 1));
  });

  test('kmalloc, vmalloc, mmap, accesses and fork, and everything comes back', () => {
    const session = boot();
    // The first slab and the first table of the window stay.
    const kfree: Step = { kind: 'kfree', object: 1 };
    const vfree: Step = { kind: 'vfree', object: 2 };
    session.given(kmalloc(1, 20), vmalloc(2, 64), kfree, vfree);
    const before = freePages(session);
    session.given(...RUNNING, kmalloc(1, 20), vmalloc(2, 64), mmap(3, 2 * OSTEP_PAGE));
    session.given(
      access(3, 0, 4, WRITE),
      access(3, OSTEP_PAGE, 4, READ),
      access(2, 32, 4, WRITE | KERNEL_MODE),
    );
    expect(checkMachine(session.machine)).toEqual([]);
    session.given({ kind: 'exit' }, kfree, vfree);
    expect(checkMachine(session.machine)).toEqual([]);
    expect(freePages(session)).toBe(before);
  });

  test('an address is told in its own width, and its entry in one byte', () => {
    const session = boot().given(...RUNNING, mmap(1, OSTEP_PAGE), access(1, 0, 4, WRITE));
    const address = half - 0x81cn;
    const found = explained(session, address);
    expect(found.type).toBe('user-virtual');
    expect(found.walk.map(({ index }) => index)).toEqual(levels.length === 1 ? [0x17e4 >> 5] : [13, 31]);
    const { entry, page } = found.walk.at(-1)!;
    expect(entry).toBe(BigInt(0x80 | page!.pfn));
    expect(found.physical).toBe(BigInt(page!.pfn * OSTEP_PAGE + 4));
    const beyond = explained(session, 2n * half).meaning;
    expect(beyond).toBe(`more than ${bits} bits: no register of this machine holds it`);
  });

  test('memory runs out at the last frame, and no sooner than the tables need', () => {
    const session = boot();
    const free = freePages(session);
    const taken = session.repeat((i) => ({ kind: 'page_alloc', object: i + 1, order: 0, gfp: 0xcc0 }));
    expect(freePages(session)).toBe(0);
    expect(taken).toBe(free);
    expect(checkMachine(session.machine)).toEqual([]);
  });
});
