/** Advice as JSON: all of it, addresses as hex. */
import type { Advice } from './advice.ts';
import { roomLeft } from './board/room.ts';
import { zoneLines } from './verdict/report-text.ts';
import { requestText, verdictLine } from './verdict/verdict-text.ts';

export function adviceJson(advice: Advice, commands: readonly string[]) {
  const { evidence, machine, layout, main, holders, reclaimableKib, largest, rules, state, tried, trace } =
    advice;
  return {
    verdict: main?.verdict ?? traceVerdict(trace),
    line: main === undefined ? null : verdictLine(main.verdict),
    request: main === undefined ? null : requestText(main.verdict),
    zones: main === undefined ? [] : zoneLines(main).map(([zone, answer]) => ({ zone, answer })),
    count: main?.count ?? 0,
    others: main?.others ?? [],
    machine:
      machine === undefined ? null : { ...machine.lane, facts: machine.facts, assumed: machine.assumed },
    layout: layout?.name ?? null,
    room: roomLeft(evidence, layout),
    holders,
    reclaimableKib: reclaimableKib ?? null,
    largestProcess: largest ?? null,
    state: state === undefined ? null : { told: state.told },
    reproduces: tried?.reproduces ?? null,
    figures: tried?.figures ?? null,
    cures: [...rules.helps, ...(tried?.candidates.filter(({ cures }) => cures) ?? [])],
    doesNotHelp: [...rules.doesNot, ...(tried?.candidates.filter(({ cures }) => !cures) ?? [])],
    trace: trace === undefined ? null : { ...trace, tried: undefined },
    missing: advice.missing,
    notes: advice.notes,
    unused: evidence.unused,
    commands,
  };
}

/** Of a recording: the kind, and the event that shows it. */
function traceVerdict(trace: Advice['trace']) {
  if (trace?.kind === undefined) return null;
  return { kind: trace.kind, event: trace.first!.event };
}
