/**
 * Page-table entries folded into ranges under markers (note_page of arch/x86/mm/dump_pagetables.c, v6.1). A range
 * ends where protection or level change or the next marker begins; an entry passes one marker at most, so where two
 * markers begin at one entry the second one comes late, as in the kernel.
 */
import { pageNumber } from '../../core/boot.ts';
import type { Layout, RegionKind } from '../../core/layout/layout.ts';
import { pageAddress } from '../../core/layout/regions.ts';
import {
  PTE_GLOBAL,
  PTE_LARGE,
  PTE_NX,
  PTE_PRESENT,
  PTE_RW,
  PTE_SPECIAL,
  PTE_USER,
  pteFlags,
} from '../../core/paging/pte.ts';
import type { PageTableMarker, PageTableProtection, PageTableRange } from '../../traces/index.ts';

/** Entries that differ in these only are one range to the kernel. */
const SHOWN_FLAGS = PTE_PRESENT | PTE_RW | PTE_USER | PTE_LARGE | PTE_GLOBAL | PTE_NX | PTE_SPECIAL;

export class PageTableDump {
  private readonly layout: Layout;
  private readonly boundaries: readonly Boundary[];
  private readonly markers: { name: string; ranges: PageTableRange[]; skipped: number }[] = [];
  /** The range so far. */
  private startVpn = 0;
  private flags = 0;
  private level = '';

  constructor(layout: Layout) {
    this.layout = layout;
    this.boundaries = boundariesOf(layout);
    this.openMarker();
  }

  /** The entry at `vpn`, or 0. Entries come in ascending order. */
  note(vpn: number, level: string, pte: number): void {
    const flags = pteFlags(pte) & SHOWN_FLAGS;
    if (this.level === '') this.open(vpn, level, flags);
    else if (flags !== this.flags || level !== this.level || vpn >= this.nextMarkerVpn) {
      this.close(vpn);
      this.open(vpn, level, flags);
    }
  }

  /**
   * An entry that maps nothing, with all that it spans. Where real kernels always have tables and the machine has
   * none, markers are as sharp as there: entries of a page each pass them.
   */
  noteHole(vpn: number, level: string, span: number): void {
    this.note(vpn, level, 0);
    for (const { vpn: boundary, alwaysMapped } of this.boundaries) {
      if (!alwaysMapped || boundary < vpn || boundary >= vpn + span) continue;
      if (boundary > vpn) this.note(boundary, level, 0);
      for (let page = boundary; this.nextMarkerVpn <= page; ) this.note(++page, level, 0);
    }
  }

  /** Everything, once the last entry was noted. */
  end(): PageTableMarker[] {
    this.close(2 ** (this.layout.virtualBits - this.layout.pageShift));
    return this.markers;
  }

  private get nextMarkerVpn(): number {
    return this.boundaries[this.markers.length]?.vpn ?? Number.POSITIVE_INFINITY;
  }

  private openMarker(): void {
    this.markers.push({ name: this.boundaries[this.markers.length]!.name, ranges: [], skipped: 0 });
  }

  private open(vpn: number, level: string, flags: number): void {
    this.startVpn = vpn;
    this.level = level;
    this.flags = flags;
  }

  private close(vpn: number): void {
    const { layout } = this;
    const last = 2 ** (layout.virtualBits - layout.pageShift);
    this.markers.at(-1)!.ranges.push({
      start: pageAddress(layout, this.startVpn),
      end: vpn === last ? 1n << BigInt(layout.wordBits) : pageAddress(layout, vpn),
      protection: protectionOf(layout, this.flags),
      level: this.level,
    });
    if (vpn >= this.nextMarkerVpn) this.openMarker();
  }
}

/** Memory of devices is mapped uncached (_PAGE_CACHE_MODE_UC_MINUS). */
function protectionOf({ translation }: Layout, flags: number): PageTableProtection | undefined {
  if ((flags & PTE_PRESENT) === 0) return undefined;
  const names: [bit: number, name: string][] = [
    [PTE_USER, 'USR'],
    [PTE_SPECIAL, 'PCD'],
    [PTE_LARGE, 'PSE'],
    [PTE_GLOBAL, 'GLB'],
  ];
  return {
    writable: (flags & PTE_RW) !== 0,
    executable: !translation.nx || (flags & PTE_NX) === 0,
    flags: names.flatMap(([bit, name]) => ((flags & bit) === 0 ? [] : [name])),
  };
}

interface Boundary {
  readonly name: string;
  readonly vpn: number;
  /** Real kernels map something there from boot on; the machine does not. */
  readonly alwaysMapped: boolean;
}

type MarkedRegion = [name: string, RegionKind, edge: 'start' | 'end'];

/** address_markers of the same file, for the configuration of the captured kernels. */
const MARKERS_32: readonly MarkedRegion[] = [
  ['Kernel Mapping', 'direct', 'start'],
  ['vmalloc() Area', 'vmalloc', 'start'],
  ['vmalloc() End', 'vmalloc', 'end'],
  ['Persistent kmap() Area', 'pkmap', 'start'],
  ['LDT remap', 'ldt', 'start'],
  ['CPU entry area', 'cpu_entry_area', 'start'],
  ['Fixmap area', 'fixmap', 'start'],
];
const MARKERS_64: readonly MarkedRegion[] = [
  ['LDT remap', 'ldt', 'start'],
  ['Low Kernel Mapping', 'direct', 'start'],
  ['vmalloc() Area', 'vmalloc', 'start'],
  ['Vmemmap', 'vmemmap', 'start'],
  ['CPU entry Area', 'cpu_entry_area', 'start'],
  ['High Kernel Mapping', 'kernel_image', 'start'],
  ['Modules', 'modules', 'start'],
  ['End Modules', 'modules', 'end'],
  ['Fixmap Area', 'fixmap', 'start'],
];
const ALWAYS_MAPPED: readonly RegionKind[] = [
  'vmemmap',
  'cpu_entry_area',
  'kernel_image',
  'modules',
  'fixmap',
];
/** ESPFIX_BASE_ADDR: the last but one entry of the level below the top. */
const ESPFIX_BASE = 0xffffff0000000000n;

/** A region that the layout lacks has no marker. */
function boundariesOf(layout: Layout): Boundary[] {
  const marked = (layout.wordBits === 64 ? MARKERS_64 : MARKERS_32).flatMap(([name, kind, edge]) => {
    const region = layout.regions.find((region) => region.kind === kind);
    return region === undefined
      ? []
      : [{ name, vpn: pageNumber(layout, region[edge]), alwaysMapped: ALWAYS_MAPPED.includes(kind) }];
  });
  const user = { name: 'User Space', vpn: 0, alwaysMapped: false };
  if (layout.wordBits === 32) return [user, ...marked];
  const kernel = {
    name: 'Kernel Space',
    vpn: 2 ** (layout.virtualBits - layout.pageShift - 1),
    alwaysMapped: false,
  };
  const espfix = { name: 'ESPfix Area', vpn: pageNumber(layout, ESPFIX_BASE), alwaysMapped: true };
  const after = marked.findIndex(({ vpn }) => vpn > espfix.vpn);
  return [user, kernel, ...marked.slice(0, after), espfix, ...marked.slice(after)];
}
