/** Lanes as a person fills them in: read, checked field by field, and made into the run that shows them. */
import { UsageError } from '../../../core/base/errors.ts';
import { layoutNames } from '../../../core/layout/catalog/catalog.ts';
import { newLane } from '../../lane/lane.ts';
import {
  completeLane,
  givenOptions,
  isSwitch,
  type LaneSpec,
  lanesOf,
  lanesText,
  MACHINE_OPTIONS,
  type MachineOption,
  type MachineSpec,
  OptionError,
  optionText,
  parseLanes,
  parseMmu,
  parseRunSpec,
  type Recorded,
  type RunFiles,
  type RunSpec,
  readingOnce,
  refuseTwins,
  runSpecToJson,
  type SpecValue,
} from '../../spec/index.ts';
import { filesOf } from './page-files.ts';
import type { PageRun } from './protocol.ts';

/** A lane in a form: settings by their flags, as people type them; an empty one is not given. */
export interface LaneDraft {
  readonly layout: string;
  readonly settings: Readonly<Record<string, string>>;
}

/** Something wrong, in words. */
export interface LaneFault {
  /** Undefined: with all of them together. */
  readonly lane: number | undefined;
  /** A flag, or `layout`; undefined: with the lane as a whole. */
  readonly field: string | undefined;
  readonly message: string;
}

export interface LanesChecked {
  readonly drafts: readonly LaneDraft[];
  /** As `--layouts` takes them; undefined while a field cannot be read. */
  readonly text: string | undefined;
  readonly faults: readonly LaneFault[];
  /** The run with these lanes; undefined while anything is wrong. */
  readonly run: PageRun | undefined;
}

/** The lanes of a run, each with all that holds for it. */
export function draftsOf(page: PageRun): LaneDraft[] {
  const { machine, lanes } = parseRunSpec(page.spec);
  return lanes.map((lane) => draftOf(completeLane(machine, lane)));
}

function draftOf({ layout, ...machine }: LaneSpec): LaneDraft {
  const settings = givenOptions(machine).map(([option, value]) => [option.flag, optionText(option, value)]);
  return { layout, settings: Object.fromEntries(settings) };
}

/**
 * @param given fields, or the lanes as text
 * @param recorded what the events say of the machine @param boot each machine too, which takes a moment
 */
export async function checkedLanes(
  page: PageRun,
  given: readonly LaneDraft[] | string,
  recorded: Recorded | undefined,
  boot: boolean,
): Promise<LanesChecked> {
  if (typeof given !== 'string') return checkedDrafts(page, given, recorded, boot);
  try {
    return await checkedDrafts(page, parseLanes(given, '').map(draftOf), recorded, boot);
  } catch (error) {
    return {
      drafts: [],
      text: undefined,
      faults: [faultOf(undefined, undefined, error)],
      run: undefined,
    };
  }
}

async function checkedDrafts(
  page: PageRun,
  drafts: readonly LaneDraft[],
  recorded: Recorded | undefined,
  boot: boolean,
): Promise<LanesChecked> {
  const read = drafts.map(readDraft);
  const unread = read.flatMap((one, lane) => one.faults.map((fault) => ({ lane, ...fault })));
  if (unread.length > 0) return { drafts, text: undefined, faults: unread, run: undefined };
  const lanes = read.map(({ lane }) => lane);
  const files = readingOnce(filesOf(page));
  const faults = await faultsOf(lanes, files, recorded, boot);
  return {
    drafts,
    text: lanesText(lanes),
    faults,
    run: faults.length > 0 || lanes.length === 0 ? undefined : runWith(page, lanes),
  };
}

interface ReadDraft {
  readonly lane: LaneSpec;
  readonly faults: readonly Omit<LaneFault, 'lane'>[];
}

function readDraft({ layout, settings }: LaneDraft): ReadDraft {
  const values: Record<string, SpecValue> = {};
  const faults: Omit<LaneFault, 'lane'>[] = [];
  for (const option of MACHINE_OPTIONS) {
    const typed = settings[option.flag]?.trim() ?? '';
    if (typed === '') continue;
    const value = option.kind.parse(typed);
    const problem = value === undefined ? expectation(option, typed) : problemWith(option, typed);
    if (problem !== undefined) faults.push({ field: option.flag, message: problem });
    else values[option.key] = value!;
  }
  return { lane: { layout: layout.trim(), ...values }, faults };
}

function expectation({ kind }: MachineOption, typed: string): string {
  return `found '${typed}', expected ${kind.expected}`;
}

/** Settings of an MMU are a language of their own. */
function problemWith({ key }: MachineOption, typed: string): string | undefined {
  if (key !== 'mmu' || typed.endsWith('.json')) return undefined;
  try {
    parseMmu(typed);
    return undefined;
  } catch (error) {
    return messageOf(error).replace(/^--mmu: /, '');
  }
}

async function faultsOf(
  lanes: readonly LaneSpec[],
  files: Pick<RunFiles, 'text'>,
  recorded: Recorded | undefined,
  boot: boolean,
): Promise<LaneFault[]> {
  const faults: LaneFault[] = [];
  for (const [i, lane] of lanes.entries()) {
    try {
      const [prepared] = await lanesOf({ machine: {}, lanes: [lane] }, files, recorded);
      if (boot) newLane(prepared!.layout, prepared!.options);
    } catch (error) {
      faults.push(faultOf(i, fieldOf(lane, error), error));
    }
  }
  try {
    refuseTwins({}, lanes);
  } catch (error) {
    faults.push(faultOf(undefined, undefined, error));
  }
  return faults;
}

function fieldOf({ layout }: LaneSpec, error: unknown): string | undefined {
  if (error instanceof OptionError) return MACHINE_OPTIONS.find(({ key }) => key === error.key)!.flag;
  const isKnown = layout.endsWith('.json') || layoutNames().some(({ name }) => name === layout);
  return isKnown ? undefined : 'layout';
}

function faultOf(lane: number | undefined, field: string | undefined, error: unknown): LaneFault {
  return { lane, field, message: messageOf(error) };
}

function messageOf(error: unknown): string {
  if (error instanceof UsageError) return error.message.trim();
  throw error;
}

/** What all lanes say alike is said once. */
function runWith(page: PageRun, lanes: readonly LaneSpec[]): PageRun {
  const shared = sharedBy(lanes);
  const isShared = (option: MachineOption): boolean => shared[option.key] !== undefined;
  const own = lanes.map(({ layout, ...machine }) => ({
    layout,
    ...Object.fromEntries(
      givenOptions(machine).flatMap(([option, value]) => (isShared(option) ? [] : [[option.key, value]])),
    ),
  }));
  const run: RunSpec = { ...parseRunSpec(page.spec), machine: shared, lanes: own };
  return { ...page, spec: JSON.stringify(runSpecToJson(run)) };
}

function sharedBy(lanes: readonly LaneSpec[]): MachineSpec {
  const [first] = lanes;
  const same = givenOptions(first!).filter(([{ key }, value]) => lanes.every((lane) => lane[key] === value));
  return Object.fromEntries(same.map(([{ key }, value]) => [key, value]));
}

/** An option of a machine, for a form. */
export interface OptionFacts {
  readonly flag: string;
  readonly doc: string;
  readonly expected: string;
  readonly isSwitch: boolean;
  /** All values, or some that are usual. */
  readonly choices: readonly string[] | undefined;
  readonly suggestions: readonly string[];
  readonly metavar: string | undefined;
  readonly group: MachineOption['group'];
}

export function optionFacts(): OptionFacts[] {
  return MACHINE_OPTIONS.map((option) => ({
    flag: option.flag,
    doc: option.doc,
    expected: option.kind.expected,
    isSwitch: isSwitch(option),
    choices: option.kind.choices,
    suggestions: option.kind.suggestions ?? [],
    metavar: option.metavar,
    group: option.group,
  }));
}
