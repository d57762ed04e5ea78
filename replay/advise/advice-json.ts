/** Advice as JSON: all of it, addresses as hex. */
import type { Advice } from './advice.ts';
import { requestText, verdictLine } from './verdict/verdict-text.ts';

export function adviceJson(advice: Advice, commands: readonly string[]) {
  const { evidence, machine, layout, main, holders, reclaimableKib, largest, rules, state, tried } = advice;
  return {
    verdict: main?.verdict ?? null,
    line: main === undefined ? null : verdictLine(main.verdict),
    request: main === undefined ? null : requestText(main.verdict),
    count: main?.count ?? 0,
    others: main?.others ?? [],
    machine:
      machine === undefined ? null : { ...machine.lane, facts: machine.facts, assumed: machine.assumed },
    layout: layout?.name ?? null,
    holders,
    reclaimableKib: reclaimableKib ?? null,
    largestProcess: largest ?? null,
    state: state === undefined ? null : { told: state.told },
    reproduces: tried?.reproduces ?? null,
    figures: tried?.base.figures ?? null,
    cures: [...rules.helps, ...(tried?.candidates.filter(({ cures }) => cures) ?? [])],
    doesNotHelp: [...rules.doesNot, ...(tried?.candidates.filter(({ cures }) => !cures) ?? [])],
    missing: advice.missing,
    notes: advice.notes,
    unused: evidence.unused,
    commands,
  };
}
