/**
 * What lies in the regions of an address space: the mappings of a process, the pieces of the direct map, the areas of the
 * vmalloc window, the slots of kmap() and kmap_local() that hold a page, and what else a booted kernel has mapped, which
 * is known of its layout and in no table of the machine.
 */

import { KMAP } from '../../../core/kmap/kmap.ts';
import { kmapLocalDepth, kmapLocalVpn } from '../../../core/kmap/kmap-local.ts';
import { type VmallocArea, type VmallocAreaKind, vmallocAreas } from '../../../core/kmap/list-areas.ts';
import type { KernelMapping } from '../../../core/layout/booted.ts';
import { kernelMappings } from '../../../core/layout/dump/kernel-map.ts';
import { KMAP_LOCAL_SLOTS } from '../../../core/layout/fixmap.ts';
import type { AddressRange } from '../../../core/layout/layout.ts';
import { pageAddress, regionOf, regionOfKind } from '../../../core/layout/regions.ts';
import type { Machine, Mm, Process } from '../../../core/machine/machine.ts';
import { endVpn } from '../../../core/mm/vma.ts';
import { isSwapPte } from '../../../core/paging/pte.ts';
import { forEachUserPage } from '../../../core/paging/user-pages.ts';
import { mapsLine } from '../../views/process-pages.ts';

export type PieceKind = 'vma' | 'direct' | 'boot' | 'kmap' | 'kmap_local' | VmallocAreaKind;

export interface Piece extends AddressRange {
  readonly kind: PieceKind;
  /** In a few words: `[heap]`, `object 793`, `slot 5 of kmap()`. */
  readonly name: string;
  /** As /proc/PID/maps has it, of the kernel's without the last letter; empty where nothing is mapped. */
  readonly protection: string;
  /** Object of the workload, and the file behind a mapping. */
  readonly object?: number;
  readonly file?: number;
  /** The frame at its start, where the frames behind it follow one another. */
  readonly pfn?: number;
  /** Bytes of each of its pages, where large ones map it. */
  readonly mappedBy?: number;
  /** Of a mapping: bytes that are in page frames, and in the swap area. */
  readonly residentBytes?: number;
  readonly swappedBytes?: number;
}

/** All of them, ascending and apart. `process`: whose user half. */
export function piecesOf(machine: Machine, process: Process | undefined): Piece[] {
  const mm = process && machine.records.mms[process.mm];
  return [
    ...(mm === undefined ? [] : vmaPieces(machine, mm)),
    ...kernelPieces(machine),
    ...vmallocAreas(machine).map((area) => areaPiece(machine, area)),
    ...kmapPieces(machine),
    ...kmapLocalPieces(machine),
  ].sort((a, b) => (a.start < b.start ? -1 : 1));
}

function vmaPieces(machine: Machine, mm: Mm): Piece[] {
  const pages = pagesByVma(machine, mm);
  const pageBytes = 2 ** machine.platform.layout.pageShift;
  return mm.vmas.toArray().map((vma, i) => {
    const { start, end, permissions, name } = mapsLine(machine, mm, vma);
    return {
      ...{ kind: 'vma', start, end, protection: permissions, object: vma.object },
      name: name === '' ? 'anonymous' : name,
      ...(vma.file > 0 && { file: vma.file }),
      residentBytes: pages.resident[i]! * pageBytes,
      swappedBytes: pages.swapped[i]! * pageBytes,
    };
  });
}

/** By VMA: pages in frames, and entries that name a slot of the swap area. */
function pagesByVma(machine: Machine, mm: Mm): { resident: Float64Array; swapped: Float64Array } {
  const vmas = mm.vmas.toArray();
  const resident = new Float64Array(vmas.length);
  const swapped = new Float64Array(vmas.length);
  let at = 0;
  forEachUserPage(machine, mm.root, (vpn, pte) => {
    while (at < vmas.length && endVpn(vmas[at]!) <= vpn) at++;
    if (at < vmas.length) (isSwapPte(pte) ? swapped : resident)[at]!++;
  });
  return { resident, swapped };
}

/** Where a constant serves instead of tables, the direct map is one piece. */
function kernelPieces({ platform: { layout } }: Machine): Piece[] {
  const mapped = kernelMappings(layout).map((mapping): Piece => {
    const isDirect = regionOf(layout, mapping.start)?.kind === 'direct';
    return {
      ...{ kind: isDirect ? 'direct' : 'boot', start: mapping.start, end: mapping.end },
      name: isDirect ? 'RAM' : 'since boot',
      protection: rights(mapping),
      mappedBy: mapping.pageFrames * 2 ** layout.pageShift,
      ...(mapping.pfn !== undefined && { pfn: mapping.pfn }),
    };
  });
  const direct = regionOfKind(layout, 'direct');
  if (direct === undefined || layout.arch.translation.linearPageBytes === undefined) return mapped;
  const { start, end } = direct;
  const pfn = Number(layout.physicalBase >> BigInt(layout.pageShift));
  return [{ kind: 'direct', start, end, name: 'RAM, by arithmetic', protection: 'rwx', pfn }, ...mapped];
}

function rights({ writable, executable }: KernelMapping): string {
  return `r${writable ? 'w' : '-'}${executable ? 'x' : '-'}`;
}

function areaPiece({ platform: { layout } }: Machine, area: VmallocArea): Piece {
  const { kind, start, end, object, caller, physical } = area;
  const isMapped = kind !== 'vm_area' && kind !== 'unpurged';
  const owner = object === undefined ? 'from before the first event' : `object ${object}`;
  return {
    ...{ kind, start, end, protection: isMapped ? 'rw-' : '' },
    name: kind === 'unpurged' ? 'freed, not yet purged' : (caller ?? owner),
    ...(object !== undefined && { object }),
    ...(physical !== undefined && { pfn: Number(physical >> BigInt(layout.pageShift)) }),
  };
}

/** Slots that hold a page, used or kept for whoever asks again. */
function kmapPieces(machine: Machine): Piece[] {
  const { kmapSlots, platform } = machine;
  return Array.from({ length: platform.layout.pkmap?.slots ?? 0 }, (_, slot) => slot)
    .filter((slot) => kmapSlots.get(slot, KMAP.count) > 0)
    .map((slot) => {
      const users = kmapSlots.get(slot, KMAP.count) - 1;
      const use = users === 0 ? 'kept, used by nobody' : `used ${users === 1 ? 'once' : `${users} times`}`;
      const page = pagePiece(machine, platform.pkmapVpn + slot, kmapSlots.get(slot, KMAP.pfn) - 1);
      return { ...page, kind: 'kmap' as const, name: `slot ${slot} of kmap(), ${use}` };
    });
}

function kmapLocalPieces(machine: Machine): Piece[] {
  const { platform, kmapLocal } = machine;
  const cpus = Array.from({ length: platform.layout.nrCpus }, (_, cpu) => cpu);
  return cpus.flatMap((cpu) =>
    Array.from({ length: kmapLocalDepth(machine, cpu) }, (_, slot) => ({
      ...pagePiece(
        machine,
        kmapLocalVpn(machine, cpu, slot),
        kmapLocal.get(cpu * KMAP_LOCAL_SLOTS + slot, 0) - 1,
      ),
      kind: 'kmap_local' as const,
      name: `slot ${slot} of kmap_local() on cpu ${cpu}`,
    })),
  );
}

function pagePiece({ platform: { layout } }: Machine, vpn: number, pfn: number) {
  const start = pageAddress(layout, vpn);
  return { start, end: start + (1n << BigInt(layout.pageShift)), protection: 'rw-', pfn };
}
