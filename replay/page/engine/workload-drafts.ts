/** A workload as a person fills it in: seed, number of events and its options, each checked by itself. */
import { UsageError } from '../../../core/base/errors.ts';
import { workload } from '../../../workloads/index.ts';
import { count, MOST_SEED, runSpecToJson, type WorkloadSpec } from '../../spec/index.ts';
import { CLASSIC_LANES, CLASSIC_MACHINE } from './classic.ts';
import type { PageRun } from './protocol.ts';

/** As typed; empty: as the workload has it. */
export interface WorkloadDraft {
  readonly workload: string;
  readonly seed: string;
  readonly events: string;
  readonly options: Readonly<Record<string, string>>;
}

export interface WorkloadChecked {
  /** By field: `seed`, `events`, or the name of an option. */
  readonly faults: Readonly<Record<string, string>>;
  /** Undefined while anything is wrong. */
  readonly run: PageRun | undefined;
}

export function checkedWorkload(draft: WorkloadDraft): WorkloadChecked {
  const faults: Record<string, string> = {};
  const read = <T>(field: string, typed: string, parse: (text: string) => T): T | undefined => {
    if (typed.trim() === '') return undefined;
    try {
      return parse(typed.trim());
    } catch (error) {
      if (!(error instanceof UsageError)) throw error;
      faults[field] = error.message.replace(`option ${field}: `, '');
      return undefined;
    }
  };
  const { parse } = workload(draft.workload);
  const seed = read('seed', draft.seed, wholeNumber(0, MOST_SEED));
  const events = read('events', draft.events, wholeNumber(1, Number.MAX_SAFE_INTEGER));
  const options = Object.entries(draft.options).map(
    ([name, typed]) => read(name, typed, (text) => parse([`${name}=${text}`])) ?? {},
  );
  if (Object.keys(faults).length > 0) return { faults, run: undefined };
  return {
    faults,
    run: runOf({ workload: draft.workload, seed, events, options: Object.assign({}, ...options) }),
  };
}

function wholeNumber(least: number, most: number): (text: string) => number {
  const { parse, expected } = count(least, most);
  return (text) => {
    const value = parse(text);
    if (value === undefined) throw new UsageError(`found '${text}', expected ${expected}`);
    return value;
  };
}

interface Given {
  readonly workload: string;
  readonly seed: number | undefined;
  readonly events: number | undefined;
  readonly options: Readonly<Record<string, number>>;
}

function runOf({ workload: name, seed, events, options }: Given): PageRun {
  const spec: WorkloadSpec = {
    workload: name,
    ...(seed !== undefined && { seed }),
    ...(events !== undefined && { events }),
    ...(Object.keys(options).length > 0 && { options }),
  };
  const run = { events: spec, machine: CLASSIC_MACHINE, lanes: CLASSIC_LANES };
  return { spec: JSON.stringify(runSpecToJson(run)), files: {} };
}
