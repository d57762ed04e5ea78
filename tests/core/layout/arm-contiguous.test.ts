/**
 * Entries that a TLB may join with their neighbours (CONT): why the machine has none. In booted kernels of arm64 they stand in
 * the mapping of the kernel's image alone, which is in no table of the machine.
 */
import { describe, expect, test } from 'vitest';
import { armMachines } from '../../captures/arm-machines.ts';

const CONT = 1n << 52n;
/** Those that tell where their image lies. */
const machines = armMachines().filter(({ config, consts }) => config.arch === 'arm64' && '_end' in consts);

describe.each(machines.map((machine) => [machine.id, machine] as const))('%s', (_, machine) => {
  const { config, consts, page_table_walks } = machine;
  const [start, end] = [BigInt(consts._text!), BigInt(consts._end!)];
  const isJoined = (walk: object): boolean =>
    Object.values(walk).some((entry) => /^0x[0-9a-f]{12,}$/.test(`${entry}`) && isContiguous(BigInt(entry)));

  test('what is contiguous lies in the image', () => {
    const joined = page_table_walks.filter(({ addr: _, ...entries }) => isJoined(entries));
    if (config.page_size === '4K') expect(joined.length).toBeGreaterThan(0);
    for (const { addr } of joined) {
      expect(BigInt(addr)).toBeGreaterThanOrEqual(start);
      expect(BigInt(addr)).toBeLessThan(end);
    }
  });
});

/** Bit 52 of a valid entry; the kernel's addresses have all upper bits set. */
function isContiguous(entry: bigint): boolean {
  return entry < 1n << 56n && (entry & 1n) === 1n && (entry & CONT) !== 0n;
}
