/** What can be varied, by name: the layout, options of the machine and settings of its MMU, and what makes a workload. */
import { UsageError } from '../../core/base/errors.ts';
import { nearest } from '../../core/base/nearest.ts';
import { architectureOf } from '../../core/index.ts';
import { type Workload, workload } from '../../workloads/index.ts';
import {
  count,
  isWorkload,
  type LaneSpec,
  MACHINE_OPTIONS,
  type MachineOption,
  MOST_SEED,
  optionText,
  parseLanes,
  type RunSpec,
  type SpecValue,
  type WorkloadSpec,
} from '../spec/index.ts';
import { type MmuKey, mmuKeyNamed, mmuKeyNames, mmuWith } from './mmu-keys.ts';

/** What a point has for a key. */
export interface Setting {
  readonly key: string;
  /** As people type it. */
  readonly text: string;
  /** Sizes in bytes. */
  readonly value: SpecValue;
}

/** A run of one machine while it is put together. */
export interface Draft {
  readonly run: RunSpec;
  readonly lane: LaneSpec;
  readonly mmu: readonly (readonly [MmuKey, string])[];
}

export interface Key {
  readonly name: string;
  /** The lowest first: what an option is added to has to be there. */
  readonly rank: 0 | 1;
  /** Throws a UsageError for what it can never be. */
  parse(text: string, place: string): Setting;
  /** Throws a UsageError where the others leave no room for it. */
  apply(draft: Draft, setting: Setting): Draft;
}

/** Throws a UsageError for a name that means nothing with these events. */
export function keyNamed(name: string, { events }: Pick<RunSpec, 'events'>, place: string): Key {
  const option = MACHINE_OPTIONS.find(({ flag }) => flag === name);
  if (name === 'layout') return LAYOUT;
  if (option !== undefined) return optionKey(option);
  const mmu = mmuKeyNamed(name);
  if (mmu !== undefined) return mmuKey(name, mmu);
  if (isWorkload(events)) {
    if (name === 'seed' || name === 'events') return name === 'seed' ? SEED : EVENTS;
    const chosen = workload(events.workload);
    const plain = name.replace(/^set\./, '');
    if (chosen.options.some((row) => row.name === plain)) return workloadKey(name, plain, chosen);
  }
  throw unknownKey(name, events, place);
}

function unknownKey(name: string, events: RunSpec['events'], place: string): UsageError {
  const ofWorkload = ['seed', 'events'];
  if (!isWorkload(events) && ofWorkload.includes(name))
    return new UsageError(
      `${place}: found ${name}, which a trace cannot follow, expected it with workload:NAME only`,
    );
  const options = isWorkload(events) ? workload(events.workload).options.map((row) => row.name) : [];
  const known = ['layout', ...MACHINE_OPTIONS.map(({ flag }) => flag)];
  const rest = isWorkload(events) ? [...ofWorkload, ...options] : [];
  const near = nearest(name, [...known, ...rest, ...mmuKeyNames()]);
  return new UsageError(
    `${place}: found ${name}, expected one of ${[...known, ...rest].join(', ')}, or a setting of the MMU such as ` +
      `mmu.l2.entries${near === undefined ? '' : `; did you mean ${near}?`}`,
  );
}

const LAYOUT: Key = {
  name: 'layout',
  rank: 0,
  parse(text, place) {
    const [{ layout }] = parseLanes(text, place) as [LaneSpec];
    // A file is read when the points are planned.
    if (!layout.endsWith('.json')) architectureOf(layout);
    return { key: 'layout', text, value: text };
  },
  apply: (draft, { text }) => ({ ...draft, lane: parseLanes(text, 'layout')[0]! }),
};

function optionKey(option: MachineOption): Key {
  const { flag: name, kind, key } = option;
  return {
    name,
    rank: 1,
    parse(text, place) {
      // Commas part values, so the settings of an MMU have + between them here, as in a lane.
      const value = kind.parse(key === 'mmu' ? text.replaceAll('+', ',') : text);
      if (value === undefined) throw new UsageError(`${place}: found '${text}', expected ${kind.expected}`);
      return { key: name, text: key === 'mmu' ? text : optionText(option, value), value };
    },
    apply({ lane, ...draft }, { value }) {
      if (lane[key] !== undefined)
        throw new UsageError(`${lane.layout}: found ${name} with this layout already, expected it once`);
      return { ...draft, lane: { ...lane, [key]: value } };
    },
  };
}

/** Above any that the machine takes, which it tells itself. */
const MOST_ENTRIES = 2 ** 26;

function mmuKey(name: string, mmu: MmuKey): Key {
  return {
    name,
    rank: 1,
    parse(text, place) {
      if (mmu.measure !== undefined) return counted(name, text, place, count(1, MOST_ENTRIES));
      mmuWith(undefined, [[mmu, text]]);
      return { key: name, text, value: /^\d+$/.test(text) ? Number(text) : text };
    },
    apply: (draft, { text }) => ({ ...draft, mmu: [...draft.mmu, [mmu, text]] }),
  };
}

const SEED = eventsKey('seed', count(0, MOST_SEED));
const EVENTS = eventsKey('events', count(1, Number.MAX_SAFE_INTEGER));

function eventsKey(name: 'seed' | 'events', kind: ReturnType<typeof count>): Key {
  return {
    name,
    rank: 1,
    parse: (text, place) => counted(name, text, place, kind),
    apply: ({ run, ...draft }, { value }) => ({
      ...draft,
      run: { ...run, events: { ...run.events, [name]: value } },
    }),
  };
}

function counted(key: string, text: string, place: string, kind: ReturnType<typeof count>): Setting {
  const value = kind.parse(text);
  if (value === undefined) throw new UsageError(`${place}: found '${text}', expected ${kind.expected}`);
  return { key, text, value };
}

/** An option of the workload; `set.NAME` where a machine has one of the same name. */
function workloadKey(key: string, option: string, { parse }: Workload): Key {
  return {
    name: key,
    rank: 1,
    parse: (text) => ({ key, text, value: parse([`${option}=${text}`])[option]! }),
    apply({ run, ...draft }, { value }) {
      const events = run.events as WorkloadSpec;
      const options = { ...events.options, [option]: value as number };
      return { ...draft, run: { ...run, events: { ...events, options } } };
    },
  };
}
