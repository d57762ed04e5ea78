/** Kernel traces written by hand: one call a line. */
import { Readable } from 'node:stream';
import { type KernelVerification, type Moment, verifyKernelTrace } from '../../../replay/index.ts';

interface Block {
  readonly order?: number;
  readonly type?: number;
  readonly cpu?: number;
}

let at = 0;

function line(cpu: number, event: string): string {
  at++;
  const stamp = `${Math.floor(at / 1e6)}.${String(at % 1e6).padStart(6, '0')}`;
  return `            task-1       [${String(cpu).padStart(3, '0')}] ..... ${stamp.padStart(12)}: ${event}\n`;
}

const page = (pfn: number, order: number): string =>
  `page=0000000000000001 pfn=0x${pfn.toString(16)} order=${order}`;

export function alloc(pfn: number, { order = 0, type = 1, cpu = 0 }: Block = {}): string {
  return line(cpu, `mm_page_alloc: ${page(pfn, order)} migratetype=${type} gfp_flags=GFP_KERNEL`);
}

export function free(pfn: number, { order = 0, cpu = 0 }: Block = {}): string {
  return line(cpu, `mm_page_free: ${page(pfn, order)}`);
}

/** The second report of a page that was freed with others. */
export function batched(pfn: number, { cpu = 0 }: Block = {}): string {
  return line(cpu, `mm_page_free_batched: ${page(pfn, 0)}`);
}

/** The buddy allocator gives a block. */
export function given(pfn: number, { order = 0, type = 1, cpu = 0 }: Block = {}): string {
  const refill = order <= 3 || order === 9 ? 1 : 0;
  return line(
    cpu,
    `mm_page_alloc_zone_locked: ${page(pfn, order)} migratetype=${type} percpu_refill=${refill}`,
  );
}

export function drain(pfn: number, { order = 0, type = 1, cpu = 0 }: Block = {}): string {
  return line(cpu, `mm_page_pcpu_drain: ${page(pfn, order)} migratetype=${type}`);
}

/** A block of 2^fallbackOrder pages of another type is broken for `order`, and becomes `type`. */
export function stolen(
  pfn: number,
  order: number,
  fallbackOrder: number,
  { type = 0, cpu = 0 }: Block = {},
): string {
  const fallback = `alloc_order=${order} fallback_order=${fallbackOrder} pageblock_order=9`;
  const types = `alloc_migratetype=${type} fallback_migratetype=1 fragmenting=0 change_ownership=1`;
  return line(
    cpu,
    `mm_page_alloc_extfrag: page=0000000000000001 pfn=0x${pfn.toString(16)} ${fallback} ${types}`,
  );
}

export function mark(text: string): string {
  return line(0, `tracing_mark_write: ${text}`);
}

export function lost(cpu: number): string {
  return `CPU:${cpu} [LOST 7 EVENTS]\n`;
}

/** `count` pages from `first` on, one call each. */
export function each(first: number, count: number, call: (pfn: number) => string): string {
  return Array.from({ length: count }, (_, i) => call(first + i)).join('');
}

export function verify(text: string, moments: readonly Moment[] = []): Promise<KernelVerification> {
  const blocks = Readable.from([Buffer.from(`# tracer: nop\n${text}`)]);
  return verifyKernelTrace({ name: 'trace', blocks }, moments);
}

/** `right/made` by rule, and a reason with its count for what could not be predicted. */
export function scores({ rules }: KernelVerification): Record<string, string> {
  return Object.fromEntries(
    Object.entries(rules).map(([rule, { made, right, unpredictable }]) => {
      const reasons = Object.entries(unpredictable).map(([reason, count]) => `, ${count} ${reason}`);
      return [rule, `${right}/${made}${reasons.join('')}`];
    }),
  );
}
