/** Tables with a head: columns two spaces apart, numbers to the right. */
import { type Alignment, plainTable } from '../../text/plain-table.ts';
import type { Terminal } from '../terminal/terminal.ts';

export interface Column {
  readonly head: string;
  readonly align?: Alignment;
}

export function table(
  columns: readonly Column[],
  rows: readonly (readonly string[])[],
  { colors, width }: Pick<Terminal, 'colors' | 'width'>,
): string {
  const alignments = columns.map(({ align = 'left' }) => align);
  return plainTable(alignments, [columns.map(({ head }) => colors.bold(head)), ...rows], width);
}
