/** `vmsplit advise`: from the files of a failing board to what failed, why, and what would cure it. */

import { Command } from 'commander';
import { UsageError } from '../../../core/index.ts';
import {
  type Advice,
  adviceJson,
  adviceText,
  advise,
  type Findings,
  findings,
  laneText,
} from '../../advise/index.ts';
import { pauseFor } from '../../source/breath.ts';
import { reproduceLine } from '../../spec/index.ts';
import { formatCount } from '../../text/units.ts';
import { type GatheredEvidence, gatherEvidence } from '../files/evidence-files.ts';
import { recordedEvents } from '../files/recorded-events.ts';
import { readText } from '../files/text-input.ts';
import { STDIN } from '../files/trace-input.ts';
import { type Written, writeTrace } from '../files/trace-output.ts';
import type { Terminal } from '../terminal/terminal.ts';
import { TOOL, VERSION } from '../terminal/version.ts';

interface AdviseArguments {
  readonly output?: string;
  readonly all?: true;
  readonly json?: true;
}

/** What a screen has where no terminal says it. */
const SCREEN_COLUMNS = 80;

export function adviseCommand(terminal: Terminal): Command {
  return new Command('advise')
    .description(
      'from the log of a failing board, with whatever of /proc there is, to what failed, why, and what would cure it',
    )
    .argument(
      '<files...>',
      'boot logs, failure reports, files of /proc, traces, folders and tar archives of them, in any order; - is standard input',
    )
    .option(
      '-o, --output <trace>',
      'write the state and what failed in it as a trace, for diff and the other commands',
    )
    .option('--all', 'everything that was tried, and every note')
    .option('--json', 'the result as JSON')
    .action((files: string[], given: AdviseArguments) => adviseOn(terminal, files, given));
}

async function adviseOn(terminal: Terminal, paths: readonly string[], given: AdviseArguments): Promise<void> {
  const gathered = await gatherEvidence(terminal, paths);
  const files = { text: textOf(terminal, gathered) };
  if (given.output !== undefined) {
    const found = await findings(gathered.evidence, files, {}, pauseFor(terminal.signal));
    await writeState(terminal, found, given.output);
    return;
  }
  const advice = await adviceOf(terminal, gathered, files);
  terminal.signal.throwIfAborted();
  const commands = commandsOf(advice, gathered, paths);
  if (given.json) terminal.printJson(adviceJson(advice, commands));
  else
    terminal.print(
      adviceText(advice, { width: terminal.width ?? SCREEN_COLUMNS, all: given.all === true, commands }),
    );
}

/** Machines are tried one after the other, a recording under all of them at once. */
async function adviceOf(
  terminal: Terminal,
  { evidence, recordings }: GatheredEvidence,
  files: { text: ReturnType<typeof textOf> },
): Promise<Advice> {
  const unit = evidence.logs.some(({ failures }) => failures.length > 0) ? 'machines' : 'events';
  const progress = terminal.progress('trying', unit, undefined);
  const update = (done: number): void => progress.update(done);
  return advise(evidence, files, {
    events: (path) => recordedEvents(terminal, path, recordings.get(path)),
    signal: terminal.signal,
    onProgress: update,
    onEvents: update,
  }).finally(() => progress.stop());
}

/** Those of an archive are read from there. */
function textOf(terminal: Terminal, { texts }: GatheredEvidence) {
  return async (path: string, expected: string): Promise<string> =>
    texts.get(path) ?? readText(terminal, path, expected);
}

/** What a shell has to do for the replay that the advice rests on. */
function commandsOf(
  { state, tried, machine, trace, evidence }: Advice,
  { archives }: GatheredEvidence,
  paths: readonly string[],
): string[] {
  const unpack = archives.map((archive) => `tar xf ${archive}`);
  if (tried === undefined) return [];
  if (paths.includes(STDIN))
    return ['# save what was piped in, and name the file: its replay can then be reproduced'];
  const best = trace?.failures === 0 ? [] : tried.candidates.filter(({ cures }) => cures).slice(0, 2);
  const own = trace?.lane ?? laneText(machine!.lane);
  const all = [own, ...best.map(({ lane }) => lane)];
  const lanes = all.flatMap((lane) => ['--layouts', lane]);
  if (trace !== undefined) return [...unpack, ...traceCommands(evidence.traces[0]!, lanes)];
  if (state === undefined) return [...unpack, ...all.map((lane) => reproduceLine('layouts', [lane]))];
  return [
    ...unpack,
    reproduceLine('advise', [...paths, '-o', STATE_FILE]),
    reproduceLine('diff', [STATE_FILE, ...lanes]),
  ];
}

function traceCommands(path: string, lanes: readonly string[]): string[] {
  if (path.endsWith('.vmt')) return [reproduceLine('diff', [path, ...lanes])];
  return [reproduceLine('import', [path, '-o', STATE_FILE]), reproduceLine('diff', [STATE_FILE, ...lanes])];
}

const STATE_FILE = 'board.vmt';

async function writeState(terminal: Terminal, { state }: Findings, output: string): Promise<void> {
  if (state === undefined)
    throw new UsageError(
      'advise: found no failed request with the state that it failed in, expected a report of one that can be replayed: ' +
        'leave -o out to see what is missing',
    );
  const origin = { tool: TOOL, toolVersion: VERSION, seed: null, parameters: { state: [...state.told] } };
  const written = await writeTrace(output, origin, terminal, async (writer) => {
    for (const batch of [...state.filling, state.requests]) await writer.write(batch);
    return true;
  });
  reportState(terminal, written);
}

function reportState(terminal: Terminal, { file, events }: Written): void {
  terminal.print(`${file}: ${formatCount(events)} events: the state, and what failed in it at the end`);
}
