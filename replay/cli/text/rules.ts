/** Counts by rule, most frequent first: what was left out, or taken otherwise. */
import { formatCount } from '../../text/units.ts';
import type { Terminal } from '../terminal/terminal.ts';

const COUNT_WIDTH = 14;

export function printRules(
  terminal: Terminal,
  title: string,
  counts: Readonly<Record<string, number>>,
): void {
  const rules = Object.entries(counts).filter(([, count]) => count > 0);
  if (rules.length === 0) return;
  terminal.print(`${title}:`);
  for (const [rule, count] of rules.sort(([, a], [, b]) => b - a))
    terminal.print(`${formatCount(count).padStart(COUNT_WIDTH)}  ${rule}`);
}
