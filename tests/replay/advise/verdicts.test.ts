/**
 * Failure reports of kernels and what was behind them. Another file of the same form may be named in VMSPLIT_REPORTS: what
 * its verdicts name has to come out.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { mainVerdict } from '../../../replay/advise/verdict/main-verdict.ts';
import type { KnownMachine } from '../../../replay/advise/verdict/verdict.ts';
import { failureReports } from '../../../traces/report/index.ts';

interface Case extends KnownMachine {
  readonly id: string;
  readonly log: readonly string[];
  readonly verdict: Readonly<Record<string, unknown>>;
}

const FILE = process.env.VMSPLIT_REPORTS ?? join(import.meta.dirname, '../../fixtures/reports/reports.json');
const CASES = JSON.parse(readFileSync(FILE, 'utf8')) as Case[];

describe.each(CASES.map((one) => [one.id, one] as const))('%s', (_, { log, verdict, arch, kernel }) => {
  test('is told with the figures that show it', () => {
    const known = { ...(arch && { arch }), ...(kernel && { kernel }) };
    expect(mainVerdict(failureReports(log.join('\n')), known)?.verdict).toMatchObject(verdict);
  });

  test('also where the log is all there is', () => {
    expect(mainVerdict(failureReports(log.join('\n')))?.verdict).toMatchObject(verdict);
  });
});
