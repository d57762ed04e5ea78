/**
 * Whether a layout that somebody has written down makes a machine at all: it is booted, and the machine asked the same
 * questions as after every test. Fields that are right one by one may contradict each other; here they do.
 */
import { UsageError } from '../base/errors.ts';
import { addressOf } from '../base/units.ts';
import { bootMachine } from '../boot/boot.ts';
import { checkMachine } from '../check/invariants.ts';
import { va } from '../layout/convert.ts';
import type { Layout } from '../layout/layout.ts';
import type { Machine } from '../machine/machine.ts';
import { explainAddress } from './explain.ts';

/** Throws a UsageError that tells what is wrong with the machine. `file`: where the layout is from. */
export function checkBoots(layout: Layout, file: string): void {
  const faults = machineFaults(layout);
  if (faults.length === 0) return;
  const more = faults.length === 1 ? '' : ` (and ${faults.length - 1} faults more)`;
  throw new UsageError(
    `${file}: found a machine that is not sound at boot: ${faults[0]}${more}; expected one of which all addresses ` +
      'and frames agree. Compare pageOffset, physicalBase, levels, image and RAM with a layout that boots: `vmsplit layouts NAME --export`',
  );
}

function machineFaults(layout: Layout): string[] {
  try {
    const machine = bootMachine(layout);
    return [...checkMachine(machine), ...directMapFaults(machine)];
  } catch (error) {
    if (error instanceof UsageError) throw error;
    // Whatever breaks here, the layout broke it: those of the catalog boot.
    return [`it does not boot (${(error as Error).message})`];
  }
}

/** Page tables and arithmetic lead to the same frame. */
function directMapFaults(machine: Machine): string[] {
  const { layout } = machine.platform;
  return samplesOf(layout).flatMap((physical) => {
    const address = va(layout, physical);
    const { physical: walked, pa } = explainAddress(machine, 'virtual', address);
    if (walked === undefined || (walked === physical && pa?.address === physical)) return [];
    return [`${hex(address)} is at ${hex(walked)} by the page tables, and at ${hex(pa!.address)} by __pa`];
  });
}

const PARTS = 16;

/** Frames at both ends of low memory and of the image, and some between. */
function samplesOf({ physicalBase, kernelImage, maxLowPfn, pageShift }: Layout): bigint[] {
  const page = 1n << BigInt(pageShift);
  const last = addressOf(maxLowPfn, pageShift) - page;
  const step = (last - physicalBase) / BigInt(PARTS);
  const between = Array.from({ length: PARTS }, (_, i) => physicalBase + step * BigInt(i));
  return [...between, last, kernelImage.start, kernelImage.end - 1n]
    .map((address) => address - (address % page))
    .filter((address) => address >= physicalBase);
}

function hex(address: bigint): string {
  return `0x${address.toString(16)}`;
}
