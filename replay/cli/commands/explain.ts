/**
 * `vmsplit explain`: what an address is, under one layout or several, at boot or at a moment of a trace; without an
 * address, what an event of a trace did.
 */

import { Command, Option } from 'commander';
import { type Explanation, explainAddress, type MemoryEvent, UsageError } from '../../../core/index.ts';
import { failureReports, ObjectNames } from '../../../traces/index.ts';
import { mainVerdict, reportExplanation, zoneLines } from '../../advise/index.ts';
import { type Lane, newLane } from '../../index.ts';
import { eventsArguments, lanesOf, machineArguments, placeOf, reproduceLine } from '../../spec/index.ts';
import { namesOf } from '../files/object-names.ts';
import { runFiles } from '../files/run-files.ts';
import { readText } from '../files/text-input.ts';
import {
  addLanesOption,
  addMachineOptions,
  type LayoutArguments,
  type Machines,
  machinesOf,
} from '../options/machine-options.ts';
import { type AddressArgument, ANY_COUNT, parseAddress, wholeNumber } from '../options/values.ts';
import { addWorkloadOptions, eventsOf, type WorkloadArguments } from '../options/workload-options.ts';
import { replayUnder } from '../session/run-replay.ts';
import type { Terminal } from '../terminal/terminal.ts';
import { explanationJson, explanationText, withCaller } from '../text/explanation.ts';
import { tellEvent, toldEventJson, toldEventText } from '../text/told-event.ts';

const DEFAULT_LAYOUTS = ['linux-3g1g'];

interface ExplainArguments extends LayoutArguments, WorkloadArguments {
  readonly trace?: string;
  readonly event?: number;
  readonly pid?: number;
  readonly device?: number;
  readonly as?: AddressArgument['space'];
  readonly caches?: true;
  readonly report?: string;
  readonly json?: true;
}

export function explainCommand(terminal: Terminal): Command {
  const command = new Command('explain')
    .description(
      'what an address is: type, region, __pa and __va, page-table walk, frame, and what may be done with it; or, without one, what event number --event of --trace did, and what its address is',
    )
    .argument(
      '[address]',
      'virtual: 0xc1234567 or decimal; phys:0x... a physical, bus:0x... a bus address',
      parseAddress,
    )
    .option(
      '--trace <events>',
      'ask a machine that has replayed this trace (or workload:NAME), not one just booted',
    )
    .option(
      '--event <n>',
      'with --trace: the moment before event number n (default: the end)',
      wholeNumber(0, ANY_COUNT),
    )
    .option(
      '--pid <p>',
      'whose user space (default: of the process on cpu 0, else of the only one)',
      wholeNumber(1, ANY_COUNT),
    )
    .option(
      '--device <n>',
      'whose bus address (default: of a device that has something mapped there)',
      wholeNumber(0, ANY_COUNT),
    )
    .addOption(
      new Option('--as <space>', 'what the number is, instead of a prefix').choices([
        'virtual',
        'physical',
        'bus',
      ]),
    );
  return addWorkloadOptions(addMachineOptions(addLanesOption(command, DEFAULT_LAYOUTS)))
    .option('--caches', 'also which TLBs hold the page, and where a walk for it would begin, by cpu')
    .option(
      '--report <file>',
      'without an address: a failure report of a kernel (page allocation, OOM, vmalloc ...), zone by zone; advise goes on from there',
    )
    .option('--json', 'the result as JSON')
    .action((address: AddressArgument | undefined, given: ExplainArguments, { args }: Command) =>
      given.report !== undefined && address === undefined
        ? explainReport(terminal, given.report, given)
        : address === undefined
          ? explainEvent(terminal, given)
          : explain(terminal, args[0]!, address, given),
    );
}

async function explain(
  terminal: Terminal,
  typed: string,
  { space: written, address }: AddressArgument,
  given: ExplainArguments,
): Promise<void> {
  const { pid, device, caches, json } = given;
  const machines = machinesOf(given, DEFAULT_LAYOUTS);
  const space = given.as ?? written;
  const { lanes, names } = await lanesAtMoment(terminal, machines, given);
  const explanations = lanes.map(({ machine }) =>
    withCaller(explainAddress(machine, space, address, { pid, device, caches }), names),
  );
  const reproduce = reproduceLine('explain', [typed, ...lineOf(machines, given)]);
  if (json) {
    const entries = explanations.map((explanation, i) => explanationJson(explanation, lanes[i]!.layout));
    terminal.printJson({ address: typed, explanations: entries, reproduce });
    return;
  }
  terminal.print(explanations.map((explanation, i) => textOf(explanation, lanes[i]!, terminal)).join('\n\n'));
  terminal.note(`reproduce: ${reproduce}`);
}

async function explainEvent(terminal: Terminal, given: ExplainArguments): Promise<void> {
  const { trace, event: at, json } = given;
  const wrong = (['pid', 'as'] as const).find((option) => given[option] !== undefined);
  if (trace === undefined || at === undefined || wrong !== undefined)
    throw new UsageError(
      `explain: found no address${wrong === undefined ? '' : ` for --${wrong}`}, expected one, or the number of an event: --trace FILE --event N`,
    );
  const machines = machinesOf(given, DEFAULT_LAYOUTS);
  let event: MemoryEvent | undefined;
  const { lanes, names } = await lanesAtMoment(terminal, machines, given, (next) => {
    event = next;
  });
  if (event === undefined)
    throw new UsageError(`${trace}: found only ${at} events, expected --event to be less`);
  const told = lanes.map((lane) => tellEvent(lane, event!, { ...given, names }));
  const reproduce = reproduceLine('explain', lineOf(machines, given));
  if (json) {
    terminal.printJson({ number: at, event, told: told.map(toldEventJson), reproduce });
    return;
  }
  terminal.print(toldEventText(at, event, told, terminal));
  terminal.note(`reproduce: ${reproduce}`);
}

const SCREEN_COLUMNS = 80;

async function explainReport(terminal: Terminal, file: string, { json }: ExplainArguments): Promise<void> {
  const text = await readText(terminal, file, 'a failure report of a kernel');
  const main = mainVerdict(failureReports(text));
  if (main === undefined)
    throw new UsageError(
      `${placeOf(file)}: found no failure report, expected lines such as 'page allocation failure: order:3', ` +
        "'invoked oom-killer' or 'vmap allocation for size'. Take all of dmesg",
    );
  if (json) terminal.printJson({ verdict: main.verdict, zones: zoneLines(main) });
  else terminal.print(reportExplanation(main, terminal.width ?? SCREEN_COLUMNS));
}

function textOf(explanation: Explanation, { layout }: Lane, terminal: Terminal): string {
  return explanationText(explanation, layout, terminal);
}

/** Machines just booted, or those that the event asked for meets. */
async function lanesAtMoment(
  terminal: Terminal,
  machines: Machines,
  given: ExplainArguments,
  onNext?: (event: MemoryEvent) => void,
): Promise<{ readonly lanes: readonly Lane[]; readonly names: ObjectNames }> {
  const { trace, event } = given;
  if (trace === undefined) {
    const alone = (['event', 'seed', 'events', 'set'] as const).find((option) => given[option] !== undefined);
    if (alone !== undefined)
      throw new UsageError(`--${alone}: found no trace that it is about, expected --trace too`);
    const prepared = await lanesOf(machines, runFiles(terminal));
    const booted = prepared.map(({ name, layout, options }) => called(newLane(layout, { ...options, name })));
    return { lanes: booted, names: ObjectNames.NONE };
  }
  const { events, lanes } = await replayUnder(terminal, {
    run: { events: eventsOf(trace, given), ...machines },
    untilEvent: event,
    ...(onNext && { onNext }),
  });
  terminal.signal.throwIfAborted();
  const reached = lanes[0]!.events;
  if (event !== undefined && reached < event)
    throw new UsageError(`${events.name}: found only ${reached} events, expected --event to be at most that`);
  return { lanes: lanes.map(called), names: namesOf(terminal, events) };
}

/** Two lanes may have one layout: what is told of each is under the name of the lane. */
function called(lane: Lane): Lane {
  return { ...lane, layout: { ...lane.layout, name: lane.name } };
}

function lineOf(machines: Machines, given: ExplainArguments): string[] {
  const { trace, event, pid, device, as, caches } = given;
  return [
    ...machineArguments(machines),
    ...(trace === undefined ? [] : ['--trace', ...eventsArguments(eventsOf(trace, given))]),
    ...(event === undefined ? [] : ['--event', String(event)]),
    ...(pid === undefined ? [] : ['--pid', String(pid)]),
    ...(device === undefined ? [] : ['--device', String(device)]),
    ...(as === undefined ? [] : ['--as', as]),
    ...(caches ? ['--caches'] : []),
  ];
}
