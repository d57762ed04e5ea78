/** What an event is about, for the reports of disagreements. */
import type { KernelEvent } from '../../../traces/index.ts';

export interface Here {
  readonly line: number;
  readonly event: string;
  readonly cpu: number;
  readonly timeNs: number;
}

export function hex(pfn: number): string {
  return `pfn 0x${pfn.toString(16)}`;
}

export function hereOf({ line, cpu, timeNs, kind }: KernelEvent & { kind: string }, what: string): Here {
  return { line, cpu, timeNs, event: `${kind}, ${what}` };
}
