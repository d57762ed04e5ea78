/** `vmsplit advise`: from the files of a failing board to what failed, why, and what would cure it. */

import { Command } from 'commander';
import { UsageError } from '../../../core/index.ts';
import {
  type Advice,
  adviceCommands,
  adviceJson,
  adviceText,
  advise,
  type Findings,
  findings,
  NO_STATE,
  stateEvents,
  stateParameters,
} from '../../advise/index.ts';
import type { GatheredEvidence } from '../../brought/index.ts';
import { pauseFor } from '../../source/breath.ts';
import { formatCount } from '../../text/units.ts';
import { evidenceIn } from '../files/evidence-files.ts';
import { recordedEvents } from '../files/recorded-events.ts';
import { readText } from '../files/text-input.ts';
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
  const gathered = await evidenceIn(terminal, paths);
  const files = { text: textOf(terminal, gathered) };
  if (given.output !== undefined) {
    const found = await findings(gathered.evidence, files, {}, pauseFor(terminal.signal));
    await writeState(terminal, found, given.output);
    return;
  }
  const advice = await adviceOf(terminal, gathered, files);
  terminal.signal.throwIfAborted();
  const commands = adviceCommands(advice, gathered.archives, paths);
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

async function writeState(terminal: Terminal, { state }: Findings, output: string): Promise<void> {
  if (state === undefined) throw new UsageError(`advise: ${NO_STATE}: leave -o out to see what is missing`);
  const origin = { tool: TOOL, toolVersion: VERSION, seed: null, parameters: stateParameters(state) };
  const written = await writeTrace(output, origin, terminal, async (writer) => {
    for (const batch of stateEvents(state)) await writer.write(batch);
    return true;
  });
  reportState(terminal, written);
}

function reportState(terminal: Terminal, { file, events }: Written): void {
  terminal.print(`${file}: ${formatCount(events)} events: the state, and what failed in it at the end`);
}
