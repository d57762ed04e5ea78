/** Page faults as the hardware tells of them: one row for each combination of bits that this machine can produce. */
import { expect, test } from 'vitest';
import { errorCodeText, pageFaultErrorCode } from '../../../core/access/error-code.ts';
import { ARM } from '../../../core/arch/arm.ts';
import { ia64 } from '../../../core/arch/ia64.ts';
import { VAX } from '../../../core/arch/vax.ts';
import { EXECUTE, KERNEL_MODE, MODIFY, READ, WRITE } from '../../../core/event/access-mode.ts';
import { GFP_KERNEL } from '../../../core/event/gfp.ts';
import { PROT_READ } from '../../../core/event/mmap-flags.ts';
import { access, machineOf, mmap, mprotect, PAGE, RUNNING, Session, type Step } from '../../support/rows.ts';

const isolated = machineOf('linux-x86_64', 96, {}, { mmu: { kpti: true } });
const [noNx, nx] = [machineOf('linux-3g1g', 96), machineOf('linux-x86_64', 96)];
const absent: Step[] = [...RUNNING, mmap(1, 2 * PAGE)];
const there: Step[] = [...absent, access(1, 0, 1, WRITE)];
const zero: Step[] = [...absent, access(1, 0, 1, READ)];
const kernelMemory: Step[] = [...RUNNING, { kind: 'kmalloc', object: 1, size: 64, gfp: GFP_KERNEL }];

test.each([
  ['a load of an absent page', nx, absent, READ, 0x4],
  ['a store', nx, absent, WRITE, 0x6],
  ['a load and a store at once', nx, absent, MODIFY, 0x6],
  ['a fetch, with execute-disable', nx, absent, EXECUTE, 0x14],
  ['a fetch, without: the hardware does not tell', noNx, absent, EXECUTE, 0x4],
  ['the kernel, on behalf of the process', nx, absent, READ | KERNEL_MODE, 0x0],
  ['the kernel stores', nx, absent, WRITE | KERNEL_MODE, 0x2],
  ['a store to the zero page', nx, zero, WRITE, 0x7],
  ['the kernel stores to the zero page', nx, zero, WRITE | KERNEL_MODE, 0x3],
  ['a load of what is there', nx, there, READ, undefined],
  ['a fetch of what is there, and no text', nx, there, EXECUTE, 0x15],
  ['the same where data may be run', noNx, there, EXECUTE, undefined],
  ['a store to what mprotect took', nx, [...there, mprotect(1, 0, 0, PROT_READ)], WRITE, 0x7],
  [
    'a load of what mprotect took whole: absent to the hardware',
    nx,
    [...there, mprotect(1, 0, 0, 0)],
    READ,
    0x4,
  ],
  ['user mode loads from a kernel page', nx, kernelMemory, READ, 0x5],
  ['user mode stores to a kernel page', nx, kernelMemory, WRITE, 0x7],
  ['the same with page-table isolation: it sees nothing there', isolated, kernelMemory, READ, 0x4],
  ['the kernel does', nx, kernelMemory, WRITE | KERNEL_MODE, undefined],
] as const)('%s', (_name, machine, given, mode, code) => {
  const session = new Session(machine).given(...given);
  expect(pageFaultErrorCode(session.machine, { cpu: 0, object: 1, offset: 0, size: 1, mode })).toBe(code);
});

test('the first page that faults counts', () => {
  const session = new Session(nx).given(...there, mprotect(1, 0, PAGE, PROT_READ));
  const across = { cpu: 0, object: 1, offset: PAGE - 4, size: 8 };
  expect(pageFaultErrorCode(session.machine, { ...across, mode: WRITE })).toBe(0x7);
  expect(pageFaultErrorCode(session.machine, { ...across, mode: READ })).toBe(0x4);
});

test('in words', () => {
  expect(errorCodeText(0x6)).toBe('error code 0x6: not-present page, write by user mode');
  expect(errorCodeText(0x11)).toBe('error code 0x11: permissions violation, fetch by the kernel');
});

test.each([
  [ARM.faultCodes, 0x6, 'translation fault, write by user mode'],
  [ARM.faultCodes, 0x1, 'permission fault, read by the kernel'],
  [VAX.faultCodes, 0x5, 'access control violation fault, read by user mode'],
  [ia64(14).faultCodes, 0x14, 'page not present fault, fetch by user mode'],
] as const)('by name, where a processor has no such code', (format, code, words) => {
  expect(errorCodeText(code, format)).toBe(words);
});

test('an access takes a page fault exactly when there is an error code, whatever the mode', () => {
  for (const machine of [noNx, nx]) {
    for (const given of [absent, there, zero]) {
      for (let mode = 0; mode < 8; mode++) {
        const session = new Session(machine).given(...given);
        const code = pageFaultErrorCode(session.machine, { cpu: 0, object: 1, offset: 0, size: 1, mode });
        const { status, fault } = session.do(access(1, 0, 1, mode));
        expect(code !== undefined, `mode ${mode}: ${status} ${fault}`).toBe(
          status !== 'ok' || fault !== 'none',
        );
      }
    }
  }
});
