/** Stacks grow when they are touched: how far, and what stops them. */
import { describe, expect, test } from 'vitest';
import { bootMachine } from '../../../core/boot/boot.ts';
import { WRITE } from '../../../core/event/access-mode.ts';
import { PLACE_STACK } from '../../../core/event/mmap-flags.ts';
import { buildLayout } from '../../../core/layout/catalog/index.ts';
import { access, MIB, machineOf, mmap, mremapFixed, PAGE, RUNNING, RW, Session } from '../../support/rows.ts';

const STACK = 8 * MIB;
const boot = machineOf('linux-3g1g', 96);
const withStack = (lengthBytes = STACK) =>
  new Session(boot).given(...RUNNING, mmap(1, lengthBytes, RW | PLACE_STACK));
const push = (offset: number) => access(1, offset, 8, WRITE);
const mappedPages = ({ machine }: Session) => machine.records.mms[1]!.vmas.toArray().at(-1)!.nrPages;

describe('a stack', () => {
  test('ends at the top of user space, with 132 KiB mapped, as in /proc/PID/maps', () => {
    const session = withStack();
    const [vma] = session.machine.records.mms[1]!.vmas;
    expect((vma!.startVpn + vma!.nrPages) * PAGE).toBe(0xc0000000);
    expect(vma!.nrPages * PAGE).toBe(132 * 1024);
  });

  test('grows to the page that is touched', () => {
    const session = withStack();
    expect(session.do(push(STACK - 40 * PAGE))).toMatchObject({ status: 'ok', fault: 'demand-zero' });
    expect(mappedPages(session)).toBe(40);
    session.given(push(STACK - 39 * PAGE));
    expect(mappedPages(session)).toBe(40);
  });

  test('grows to its limit, and not a page more', () => {
    const session = withStack(STACK + PAGE);
    expect(session.status(push(PAGE))).toBe('ok');
    expect(session.status(push(0))).toBe('no-mapping');
    expect(mappedPages(session)).toBe(2048);
  });

  test.each([
    [255, 'no-mapping'],
    [256, 'ok'],
  ] as const)('with %i pages between it and what lies below: %s', (pagesBetween, status) => {
    // Object 2, a page, goes over the bottom of the stack's range.
    const session = withStack().given(mmap(2, PAGE), mremapFixed(2, 1, 100 * PAGE));
    expect(session.status(push((101 + pagesBetween) * PAGE))).toBe(status);
  });

  test('is not in the way of mappings, but its guard gap is', () => {
    const session = withStack();
    const below = session.do(mmap(2, PAGE, RW | PLACE_STACK)).vpn;
    expect(below + 1).toBe(0xc0000 - 33 - 256);
  });

  test.each([
    [16n * BigInt(MIB), 0xb8000000],
    [256n * BigInt(MIB), 0xaff00000],
    ['unlimited', 0x20000000],
  ] as const)('with a limit of %s mappings begin below %i', (stackLimitBytes, base) => {
    const layout = buildLayout('linux-3g1g', { ramBytes: 96n << 20n });
    const session = new Session(bootMachine(layout, { stackLimitBytes })).given(...RUNNING);
    expect((session.do(mmap(1, PAGE)).vpn + 1) * PAGE).toBe(base);
  });
});
