/** What the probe did in the vmalloc window, step by step, beside the addresses that the kernel gave it. */
import type { Machine } from '../../../core/index.ts';
import { CapturedWindow, type Match } from '../../captures/captured-windows.ts';
import type { OracleMachine } from '../../captures/oracle-machine.ts';
import { ioremap, type Step, vmalloc } from '../../support/rows.ts';

/** What the probe keeps until its end; larger areas it frees at once. */
const KEPT_BYTES = 2 * 2 ** 20;
/** Of what is larger, the test takes the addresses only, not the pages: that is slow. */
const LARGE_BYTES = 16 * 2 ** 20;

interface Row {
  readonly what: string;
  readonly match: Match;
}

export class Probe {
  readonly rows: Row[] = [];
  readonly window: CapturedWindow;
  private readonly oracle: OracleMachine;
  private object = 0;
  /** Objects that are kept, in the order of `vmalloc` rows. */
  private readonly kept: number[] = [];

  constructor(oracle: OracleMachine, mostRanges?: number) {
    this.oracle = oracle;
    this.window = new CapturedWindow(oracle, mostRanges);
  }

  /** The walk through a vmalloc area, the first thing that the probe does in the window. */
  walk(): void {
    const { addr } = this.oracle.page_table_walks.find(({ tag }) => tag === 'vmalloc8192')!;
    this.see('walk', vmalloc(++this.object, 8192), addr);
    this.free('vfree', this.object);
  }

  ioremap(
    afterEach: (row: OracleMachine['ioremap'][number], machine: Machine, object: number) => void,
  ): void {
    for (const row of this.oracle.ioremap) {
      const phys = Number(row.phys);
      const step = ioremap(++this.object, row.size, Math.floor(phys / 4096), phys % 4096);
      this.see(`ioremap ${row.phys} ${row.size}`, step, row.ok === 1 ? row.area_addr : undefined);
      afterEach(row, this.window.machine, this.object);
      if (row.ok === 1) this.free('iounmap', this.object);
    }
  }

  vmalloc(): void {
    this.oracle.vmalloc.forEach((row, i) => {
      const area = this.oracle.vmalloc_area_only[i]!;
      this.see(`vm_area ${row.size}`, this.area(row.size), area.addr);
      if (area.ok === 1) this.free('free_vm_area', this.object);
      if (row.free_pages !== undefined) return;
      if (row.size > LARGE_BYTES) {
        this.largeVmalloc(row);
        return;
      }
      this.see(`vmalloc ${row.size}`, vmalloc(++this.object, row.size), row.addr);
      if (row.ok === 0) return;
      if (row.size <= KEPT_BYTES) this.kept.push(this.object);
      else this.free('vfree', this.object);
    });
  }

  /** What vmalloc() does to the window: an area, one for the array of its pages, and both freed in this order. */
  private largeVmalloc(row: OracleMachine['vmalloc'][number]): void {
    this.see(`vmalloc ${row.size}`, this.area(row.size), row.addr);
    if (row.ok === 0) return;
    const object = this.object;
    const pointerBytes = this.oracle.config.arch === 'x86_64' ? 8 : 4;
    this.window.do(this.area((row.size / 4096) * pointerBytes));
    for (const freed of [object, this.object]) {
      this.window.reschedule();
      this.free('free_vm_area', freed);
    }
    this.window.reschedule();
  }

  reuse(): void {
    const [plain] = this.oracle.vmalloc_plain_pages;
    this.see('vmalloc_plain_pages', vmalloc(++this.object, plain!.npages * 4096), plain!.addr);
    this.free('vfree', this.object);
    this.free('vfree', this.kept.splice(2, 1)[0]!);
    this.see('vmalloc_reuse', vmalloc(++this.object, 4097), this.oracle.vmalloc_reuse[0]!.again);
    this.free('vfree', this.object);
    for (const object of this.kept) this.free('vfree', object);
  }

  private area(size: number): Step {
    return { kind: 'vm_area', object: ++this.object, size, align: 0 };
  }

  private free(kind: 'vfree' | 'iounmap' | 'free_vm_area', object: number): void {
    this.window.do({ kind, object });
  }

  private see(what: string, step: Step, address: string | undefined): void {
    this.rows.push({
      what,
      match: this.window.expect(step, address === undefined ? undefined : BigInt(address)),
    });
  }
}
