/**
 * Failure reports of kernels and what was behind them: some that people published, and some in the grammar of kernels from
 * 2.6.9 to 7.0. Another file of the same form may be named in VMSPLIT_REPORTS: what its verdicts name has to come out.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import {
  type KnownMachine,
  knownOf,
  mainVerdict,
  recognise,
  together,
  type Verdict,
} from '../../../replay/advise/index.ts';
import { verdictLine } from '../../../replay/advise/verdict/verdict-text.ts';

interface Case extends KnownMachine {
  readonly id: string;
  readonly log: readonly string[];
  readonly verdict: Readonly<Record<string, unknown>>;
  /** What is said of it. */
  readonly line?: string;
}

const FIXTURES = join(import.meta.dirname, '../../fixtures/reports');
const { VMSPLIT_REPORTS = join(FIXTURES, 'reports.json') } = process.env;
const CASES = [VMSPLIT_REPORTS, join(FIXTURES, 'grammar.json')].flatMap(
  (file) => JSON.parse(readFileSync(file, 'utf8')) as Case[],
);

/** As advise has it: what the log says of its machine counts too. */
function toldOf(log: readonly string[], known: KnownMachine = {}): Verdict | undefined {
  const evidence = together([recognise(log.join('\n'), 'dmesg.txt')]);
  const reports = evidence.logs.flatMap(({ failures }) => failures);
  return mainVerdict(reports, { ...knownOf(evidence), ...known })?.verdict;
}

describe.each(CASES.map((one) => [one.id, one] as const))('%s', (_, { log, verdict, arch, kernel, line }) => {
  test('is told with the figures that show it', () => {
    const known = { ...(arch && { arch }), ...(kernel && { kernel }) };
    expect(toldOf(log, known)).toMatchObject(verdict);
  });

  test('also where the log is all there is', () => {
    expect(toldOf(log)).toMatchObject(verdict);
  });

  if (line !== undefined)
    test('is said in a line', () => {
      expect(verdictLine(toldOf(log)!)).toBe(line);
    });
});
