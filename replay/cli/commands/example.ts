/** `vmsplit example`: the worked examples of the texts, played scene by scene. */

import { Command } from 'commander';
import { batchOf, bootMachine, fold } from '../../../core/index.ts';
import { EXAMPLES, type Example, example } from '../../../workloads/index.ts';
import { describeEvent, describeOutcome, formatBytes } from '../../index.ts';
import { lanesOf, machineArguments, type PreparedLane, reproduceLine, SIZE } from '../../spec/index.ts';
import { runFiles } from '../files/run-files.ts';
import { type LayoutArguments, oneMachineOf } from '../options/machine-options.ts';
import { collect, parserOf } from '../options/values.ts';
import type { Terminal } from '../terminal/terminal.ts';
import { exampleText, type PlayedScene } from '../text/example.ts';
import { table } from '../text/table.ts';

interface ExampleArguments extends Pick<LayoutArguments, 'layouts' | 'ram'> {
  readonly json?: true;
}

const HELP = `
An example is a workload too: \`vmsplit record NAME\`, \`vmsplit diff workload:NAME\`. Exit code 1: on the machine asked
for something comes out otherwise than on the one that the example is meant for.`;

export function exampleCommand(terminal: Terminal): Command {
  return new Command('example')
    .description('the worked examples of the texts on Linux addresses: a list, or one, played scene by scene')
    .argument('[name]', 'an example')
    .option('--layout, --layouts <lane>', 'another layout than the one it is meant for', collect)
    .option('--ram <size>', 'another amount of RAM', parserOf(SIZE))
    .option('--json', 'the result as JSON')
    .addHelpText('after', HELP)
    .action((name: string | undefined, given: ExampleArguments) =>
      name === undefined ? listExamples(terminal, given) : playExample(terminal, example(name), given),
    );
}

function listExamples(terminal: Terminal, { json }: ExampleArguments): void {
  if (json) {
    terminal.printJson(
      EXAMPLES.map(({ name, title, doc, source, layout, ramBytes }) => ({
        ...{ name, title, doc, source, layout, ramBytes },
      })),
    );
    return;
  }
  const rows = EXAMPLES.map(({ name, title, layout, ramBytes }) => [
    name,
    `${layout}, ${formatBytes(ramBytes)}`,
    title,
  ]);
  terminal.print(
    table([{ head: 'example' }, { head: 'machine' }, { head: 'what it shows' }], rows, terminal),
  );
}

async function playExample(terminal: Terminal, played: Example, given: ExampleArguments): Promise<void> {
  const { ram = played.ramBytes, json } = given;
  const machines = oneMachineOf('example', { ...given, ram }, played.layout);
  const [lane] = await lanesOf(machines, runFiles(terminal));
  const scenes = play(played, lane!);
  const reproduce = reproduceLine('example', [played.name, ...machineArguments(machines)]);
  if (json)
    terminal.printJson({
      example: played.name,
      layout: lane!.layout.name,
      ram: Number(lane!.layout.ramBytes),
      scenes,
      reproduce,
    });
  else terminal.print(`${exampleText(played, lane!.layout, scenes, terminal)}\n\nreproduce: ${reproduce}`);
  if (scenes.some(({ events }) => events.some(({ expected }) => !expected))) terminal.exitCode = 1;
}

/** One event at a time, since each is told. */
function play({ scenes, machine: usual }: Example, { layout, options }: PreparedLane): PlayedScene[] {
  let machine = bootMachine(layout, { ...usual, ...options });
  return scenes.map(({ says, becomes, events }) => ({
    says,
    becomes,
    events: events.map((event) => {
      const before = machine;
      const folded = fold(before, batchOf([event]));
      machine = folded.machine;
      const { outcome, story } = describeOutcome(before, folded, event);
      return { event: describeEvent(event), story, outcome, expected: outcome.status === becomes };
    }),
  }));
}
