/** What an event is about, for the reports of disagreements. */

export interface Here {
  readonly line: number;
  readonly event: string;
  readonly cpu: number;
  readonly timeNs: number;
}

export function hex(pfn: number): string {
  return `pfn 0x${pfn.toString(16)}`;
}
