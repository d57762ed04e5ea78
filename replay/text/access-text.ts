/** Where an access went, for people: its address, and the page frame behind it. */
import type { MemoryEvent } from '../../core/event/kinds.ts';
import { eventAddress } from '../../core/explain/event-address.ts';
import { explainAddress } from '../../core/explain/explain.ts';
import type { Folded } from '../../core/fold/fold.ts';
import { toHex } from '../../core/layout/regions.ts';
import type { Machine, Mm, Process } from '../../core/machine/machine.ts';
import { CPU } from '../../core/state/cpus.ts';
import { OBJECT } from '../../core/state/objects.ts';
import { objectBase } from '../../core/vm/mapping.ts';
import { formatBytes, hexOf } from './units.ts';

export interface Touched {
  /** As hexadecimal text. */
  readonly address: string;
  /** Undefined when nothing is mapped there. */
  readonly pfn: number | undefined;
  /** `0xc1004000, in page frame 0x1004 of a page of 4.0 MiB`. */
  readonly text: string;
}

/** Undefined for other events than accesses, and where what they name has no address. */
export function touchedBy(before: Machine, folded: Folded, event: MemoryEvent): Touched | undefined {
  if (event.kind !== 'access') return undefined;
  const about = eventAddress(before, folded, event);
  if (about === undefined || about.space !== 'virtual') return undefined;
  const { layout } = about.machine.platform;
  const address = toHex(layout, about.address);
  const { physical, walk } = explainAddress(about.machine, 'virtual', about.address, { pid: about.pid });
  if (physical === undefined) return { address, pfn: undefined, text: address };
  const pfn = Number(physical >> BigInt(layout.pageShift));
  const bytes = walk.at(-1)?.page?.bytes ?? 0;
  const large = bytes > 2 ** layout.pageShift ? ` of a page of ${formatBytes(bytes)}` : '';
  return { address, pfn, text: `${address}, in page frame ${hexOf(pfn)}${large}` };
}

/**
 * Of an access to what another process has mapped, and the running one has not: an address means nothing without its
 * process. The empty string when it is not that.
 */
export function ownerElsewhere(machine: Machine, event: MemoryEvent): string {
  if (event.kind !== 'access') return '';
  const { object, offset, cpu } = event;
  const { objects, records, cpus, platform } = machine;
  const mm = records.mms[cpus.get(cpu, CPU.mm)];
  const owner = processWith(machine, object);
  if (mm === undefined || owner === undefined || mapsObject(mm, object)) return '';
  const page = Math.floor((objects.get(object, OBJECT.start) + offset) / 2 ** platform.layout.pageShift);
  const here = mm.vmas.at(objectBase(machine, mm, object) + page);
  const what = here === undefined ? 'nothing' : `object ${here.object}`;
  const pid = cpus.get(cpu, CPU.pid);
  return `object ${object} is of process ${owner.pid}; process ${pid} has ${what} at that address`;
}

function processWith({ records }: Machine, object: number): Process | undefined {
  return Object.values(records.processes).find(({ mm }) => mapsObject(records.mms[mm]!, object));
}

function mapsObject({ vmas }: Mm, object: number): boolean {
  return vmas.maps(object);
}
