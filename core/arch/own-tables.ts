/** An architecture with tables of one's own: for machines that nobody has built, made from one that somebody has. */
import type { Architecture } from './architecture.ts';

/** What such a machine has instead. */
export type OwnTables = Pick<
  Architecture,
  'wordBits' | 'virtualBits' | 'pageShift' | 'translation' | 'pageWindows'
>;

/**
 * An architecture with other widths and tables. Narrow entries hold narrow addresses. A kernel that copies its half into
 * each process does so with two levels of tables; with more it shares what lies below the top (SHARED_KERNEL_PMD).
 */
export function withTables(base: Architecture, own: OwnTables): Architecture {
  const { entryBytes, levels } = own.translation;
  const { kernelHalf, memoryBits } = base.port;
  const copied = levels.length === 2 ? 'copied' : 'copied-when-isolated';
  return {
    ...base,
    ...own,
    pointerBytes: own.wordBits / 8,
    physicalBits: Math.min(base.physicalBits, 8 * entryBytes),
    physAddrBytes: Math.min(base.physAddrBytes, entryBytes),
    port: {
      ...base.port,
      memoryBits: Math.min(memoryBits, 8 * entryBytes),
      kernelHalf: kernelHalf === 'shared' ? 'shared' : copied,
    },
  };
}
