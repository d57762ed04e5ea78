/**
 * `vmsplit demo`, which is also `npm start`: the main job on three workloads, from recording to the table of what
 * differs and why.
 */

import { existsSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { Command } from 'commander';
import { formatBytes, formatCount } from '../../index.ts';
import { reproduceLine, sizeText } from '../../spec/index.ts';
import { ANY_COUNT, wholeNumber } from '../options/values.ts';
import { addSeedOption, chooseWorkload, type WorkloadArguments } from '../options/workload-options.ts';
import { CLASSIC_LAYOUTS } from '../session/replay-command.ts';
import { replayUnder } from '../session/run-replay.ts';
import type { Terminal } from '../terminal/terminal.ts';
import { PACKAGE_FOLDER } from '../terminal/version.ts';
import { demoText, type Played } from '../text/demo.ts';
import { importTo } from './import.ts';
import { recordWorkload } from './record.ts';

interface DemoArguments {
  readonly output: string;
  readonly seed?: number;
  readonly events?: number;
  readonly json?: true;
}

/** A workload of the demonstration: synthetic, or (with `imports`) the recording of a real program. */
interface Scene {
  readonly name: string;
  readonly question: string;
  /** Bytes. */
  readonly ram: number;
  readonly imports?: string;
}

/** The RAM is what the workload's own description speaks of. */
const SCENES: readonly Scene[] = [
  { name: 'drivers', question: 'drivers want more vmalloc space than 3G/1G has', ram: 2 ** 30 },
  { name: 'highmem', question: 'the kernel wants more low memory than 3G/1G has', ram: 2 ** 32 },
  {
    name: 'ls-lR',
    question: 'every memory reference of a real `ls -lR` (valgrind --tool=lackey)',
    ram: 2 ** 30,
    imports: join(PACKAGE_FOLDER, 'tests/fixtures/lackey/ls-lR.lackey.gz'),
  },
];

export function demoCommand(terminal: Terminal): Command {
  const command = new Command('demo')
    .description('record two workloads, import a real trace, compare all under 3G/1G, 2G/2G and 64 bits')
    .option('-o, --output <folder>', 'where the traces go', 'out');
  return addSeedOption(command)
    .option(
      '--events <n>',
      'number of events of each workload (default: as it suggests)',
      wholeNumber(1, ANY_COUNT),
    )
    .option('--json', 'the results as JSON')
    .action((given: DemoArguments) => demo(terminal, given));
}

async function demo(terminal: Terminal, given: DemoArguments): Promise<void> {
  const { output, json } = given;
  await mkdir(output, { recursive: true });
  const scenes = SCENES.filter((scene) => isThere(terminal, scene));
  const played: Played[] = [];
  for (const [i, scene] of scenes.entries()) {
    terminal.note(`${i + 1}/${scenes.length} ${scene.name}: ${scene.question}`);
    played.push(await play(terminal, scene, join(output, `${scene.name}.vmt`), given));
  }
  const chosen = (['seed', 'events'] as const).flatMap((name) =>
    given[name] === undefined ? [] : [`--${name}`, String(given[name])],
  );
  const reproduce = reproduceLine('demo', [...chosen, '-o', output]);
  if (json) terminal.printJson({ scenes: played, reproduce });
  else terminal.print(`${demoText(played, terminal)}\n\nreproduce: ${reproduce}`);
}

/** An installed package comes without the tests and their traces. */
function isThere(terminal: Terminal, { name, imports }: Scene): boolean {
  if (imports === undefined || existsSync(imports)) return true;
  terminal.note(`${name}: left out, its recording ${imports} is not part of this installation`);
  return false;
}

async function play(
  terminal: Terminal,
  scene: Scene,
  file: string,
  given: WorkloadArguments,
): Promise<Played> {
  const { name, question, ram, imports } = scene;
  const written =
    imports === undefined
      ? await recordWorkload(terminal, chooseWorkload(name, given), file)
      : (await importTo(terminal, [imports], file)).written;
  terminal.signal.throwIfAborted();
  terminal.note(`    ${file}: ${formatCount(written.events)} events, ${formatBytes(written.bytes)}`);
  const run = {
    events: { trace: file },
    machine: { ram },
    lanes: CLASSIC_LAYOUTS.map((layout) => ({ layout })),
  };
  const { lanes, result } = await replayUnder(terminal, { run });
  terminal.signal.throwIfAborted();
  const seconds = (result.elapsedMs / 1000).toFixed(1);
  terminal.note(`    replayed under ${lanes.length} layouts in ${seconds} s`);
  return {
    name,
    question,
    written,
    result,
    reproduce: reproduceLine('diff', [file, '--ram', sizeText(ram)]),
  };
}
