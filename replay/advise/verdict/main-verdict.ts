/** Of all failures of a log the one to be cured, and the others by their kind. */
import type { FailureReport } from '../../../traces/index.ts';
import type { Verdict, VerdictKind } from './kinds.ts';
import { type KnownMachine, verdictOf } from './verdict.ts';

/** A report, and what was behind it. */
export interface ReportVerdict {
  readonly report: FailureReport;
  readonly verdict: Verdict;
}

/** The failure of a log that is to be cured first. */
export interface MainVerdict extends ReportVerdict {
  /** How many failures of the log have the same cause. */
  readonly count: number;
  /** How many of each other one. */
  readonly others: readonly { readonly verdict: Verdict; readonly count: number }[];
}

/** What is told at boot, or says too little, gives way to what failed; somebody killed is worse than a request refused. */
const LAST: readonly VerdictKind[] = ['transient', 'module-memory', 'unexplained', 'no-highmem', 'no-pae'];

function severity({ report: { request }, verdict: { kind } }: ReportVerdict): number {
  const last = LAST.indexOf(kind);
  if (last >= 0) return -1 - last;
  return request?.kind === 'pages' && request.event === 'oom' ? 2 : 1;
}

/** Undefined: nothing failed. Of several the worst, and of those the first, which the others may follow from. */
export function mainVerdict(
  reports: readonly FailureReport[],
  known: KnownMachine = {},
): MainVerdict | undefined {
  const all = reports.flatMap((report): ReportVerdict[] => {
    const verdict = verdictOf(report, known);
    return verdict === undefined ? [] : [{ report, verdict }];
  });
  const [main] = all.toSorted((a, b) => severity(b) - severity(a));
  if (main === undefined) return undefined;
  const kinds = new Map<string, { verdict: Verdict; count: number }>();
  for (const { verdict } of all) {
    const key = `${verdict.kind} ${verdict.zone ?? ''}`;
    kinds.set(key, { verdict: kinds.get(key)?.verdict ?? verdict, count: (kinds.get(key)?.count ?? 0) + 1 });
  }
  const own = `${main.verdict.kind} ${main.verdict.zone ?? ''}`;
  const others = [...kinds].filter(([key]) => key !== own).map(([, one]) => one);
  return { ...main, count: kinds.get(own)!.count, others };
}
