/** Huge pages as a lane has them: the mode, and what else the files under /sys/kernel/mm/transparent_hugepage say. */
import type { ThpMode, ThpOptions } from '../../core/thp/settings.ts';
import type { MachineSpec } from './machine-options.ts';

/** A mode alone is told as such. */
export function thpOf(lane: MachineSpec): ThpMode | ThpOptions {
  const { thp: mode = 'never', thpDefrag, scanSleepMillisecs } = lane;
  const { pagesToScan, maxPtesNone, maxPtesSwap, maxPtesShared } = lane;
  const settings: Omit<ThpOptions, 'mode'> = {
    ...(thpDefrag !== undefined && { defrag: thpDefrag }),
    ...(scanSleepMillisecs !== undefined && { scanSleepMs: scanSleepMillisecs }),
    ...(pagesToScan !== undefined && { pagesToScan }),
    ...(maxPtesNone !== undefined && { maxPtesNone }),
    ...(maxPtesSwap !== undefined && { maxPtesSwap }),
    ...(maxPtesShared !== undefined && { maxPtesShared }),
  };
  return Object.keys(settings).length === 0 ? mode : { mode, ...settings };
}
