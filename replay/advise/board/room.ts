/** How much room a board had left, from files of /proc: what to look at where nothing has failed yet. */
import type { Layout } from '../../../core/index.ts';
import { formatBytes } from '../../text/units.ts';
import { partsOfAreas } from '../state/window-state.ts';
import type { Evidence } from './evidence.ts';

/** In sentences; none where no file tells. */
export function roomLeft(evidence: Evidence, layout: Layout | undefined): string[] {
  return [...windowRoom(evidence, layout).map((text) => `vmalloc window: ${text}`), ...memoryRoom(evidence)];
}

/** A sentence, or none where no file tells. */
export function windowRoom({ vmallocinfo, meminfo }: Evidence, layout: Layout | undefined): string[] {
  const total = meminfo?.value.VmallocTotal;
  const window =
    layout === undefined ? (total ?? 0) * 1024 : Number(layout.vmalloc.end - layout.vmalloc.start);
  const of = window === 0 ? '' : ` of ${formatBytes(window)}`;
  if (vmallocinfo !== undefined) {
    const used = vmallocinfo.value.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
    const parts = layout === undefined ? undefined : partsOfAreas(vmallocinfo.value, layout.vmalloc);
    const holes = parts?.filter(({ isTaken }) => !isTaken).map(({ bytes }) => bytes);
    const hole = holes === undefined ? '' : `, largest hole ${formatBytes(Math.max(0, ...holes))}`;
    return [`${formatBytes(used)}${of} taken${hole} (${vmallocinfo.file})`];
  }
  const { VmallocUsed: used, VmallocChunk: chunk = 0 } = meminfo?.value ?? {};
  if (used === undefined) return [];
  const hole = chunk > 0 ? `, largest hole ${formatBytes(chunk * 1024)}` : '';
  return [`${formatBytes(used * 1024)}${of} taken${hole} (${meminfo!.file})`];
}

const MOST_CALLERS = 4;

/** Who has most of the vmalloc window; '' where no file tells. */
export function windowHolders({ vmallocinfo }: Evidence): string {
  if (vmallocinfo === undefined) return '';
  const sums = new Map<string, { bytes: number; areas: number }>();
  for (const { caller = 'nobody', sizeBytes } of vmallocinfo.value) {
    const name = caller.replace(/\+0x[0-9a-f]+\/0x[0-9a-f]+/, '');
    const { bytes, areas } = sums.get(name) ?? { bytes: 0, areas: 0 };
    sums.set(name, { bytes: bytes + sizeBytes, areas: areas + 1 });
  }
  const most = [...sums].sort(([, a], [, b]) => b.bytes - a.bytes).slice(0, MOST_CALLERS);
  return most
    .map(
      ([name, { bytes, areas }]) =>
        `${name} ${formatBytes(bytes)} in ${areas} ${areas === 1 ? 'area' : 'areas'}`,
    )
    .join(', ');
}

function memoryRoom({ zoneinfo, meminfo }: Evidence): string[] {
  if (zoneinfo !== undefined) {
    const zones = zoneinfo.value.filter(({ present }) => present > 0);
    const texts = zones.map(({ zone, free, min }) => `${zone} ${pages(free)} (mark ${pages(min)})`);
    return [`free memory: ${texts.join(', ')} (${zoneinfo.file})`];
  }
  const { LowFree: low, HighFree: high = 0, MemFree: free } = meminfo?.value ?? {};
  if (free === undefined) return [];
  const text =
    low === undefined
      ? formatBytes(free * 1024)
      : `low ${formatBytes(low * 1024)}, high ${formatBytes(high * 1024)}`;
  return [`free memory: ${text} (${meminfo!.file})`];
}

function pages(count: number): string {
  return formatBytes(count * 4096);
}
