/**
 * Page-table entries folded into ranges under markers (note_page of arch/x86/mm/dump_pagetables.c, v6.1). A range
 * ends where attributes or level change or the next marker begins; an entry passes one marker at most, so where two
 * markers begin at one entry the second one comes late, as in the kernel.
 */
import { pageNumber } from '../../core/boot.ts';
import { dumpMarkers } from '../../core/layout/index.ts';
import type { Layout } from '../../core/layout/layout.ts';
import { pageAddress } from '../../core/layout/regions.ts';
import type { PageTableMarker, PageTableProtection, PageTableRange } from '../../traces/index.ts';

export class PageTableDump {
  private readonly layout: Layout;
  private readonly boundaries: readonly { readonly name: string; readonly vpn: number }[];
  private readonly markers: { name: string; ranges: PageTableRange[]; skipped: number }[] = [];
  /** The range so far. */
  private startVpn = 0;
  private level = '';
  private attributes = '';

  constructor(layout: Layout) {
    this.layout = layout;
    this.boundaries = dumpMarkers(layout).map(({ name, start }) => ({ name, vpn: markerVpn(layout, start) }));
    this.openMarker();
  }

  /**
   * An entry, or several of one kind: where it begins, and its attributes in the kernel's words (`RW PSE GLB NX`),
   * none if it maps nothing. In ascending order.
   */
  note(vpn: number, level: string, attributes: string): void {
    const isSame = level === this.level && attributes === this.attributes && vpn < this.nextMarkerVpn;
    if (isSame) return;
    if (this.level !== '') this.close(vpn);
    this.startVpn = vpn;
    this.level = level;
    this.attributes = attributes;
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

  private close(vpn: number): void {
    const { layout, level } = this;
    const last = 2 ** (layout.virtualBits - layout.pageShift);
    const start = pageAddress(layout, this.startVpn);
    const end = vpn === last ? 1n << BigInt(layout.wordBits) : pageAddress(layout, vpn);
    this.markers.at(-1)!.ranges.push({ start, end, protection: protectionOf(this.attributes), level });
    if (vpn >= this.nextMarkerVpn) this.openMarker();
  }
}

/** Page number of a marker; one between the two halves of the address space begins with the upper half. */
function markerVpn(layout: Layout, start: bigint): number {
  const half = 2 ** (layout.virtualBits - layout.pageShift - 1);
  const isUpper = start >= 1n << BigInt(layout.wordBits - 1);
  return isUpper ? Math.max(half, pageNumber(layout, start)) : pageNumber(layout, start);
}

function protectionOf(attributes: string): PageTableProtection | undefined {
  if (attributes === '') return undefined;
  const words = attributes.split(' ');
  return {
    writable: words.includes('RW'),
    executable: !words.includes('NX'),
    flags: words.filter((word) => !['RW', 'ro', 'NX', 'x'].includes(word)),
  };
}
