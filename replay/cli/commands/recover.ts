/** `vmsplit recover`: what is whole of a trace that is cut or damaged, as a trace. */

import { basename } from 'node:path';
import { Command } from 'commander';
import { openTraceStream } from '../../../traces/index.ts';
import { formatCount } from '../../index.ts';
import { reproduceLine } from '../../spec/index.ts';
import { openTraceBytes } from '../files/trace-input.ts';
import { breathe, refuseSameFile, writeTrace } from '../files/trace-output.ts';
import type { Terminal } from '../terminal/terminal.ts';

interface RecoverArguments {
  readonly output: string;
  readonly json?: true;
}

export function recoverCommand(terminal: Terminal): Command {
  return new Command('recover')
    .description('keep what is whole of a trace that is cut or damaged: all up to the first fault')
    .argument('<file>', 'a trace; - is standard input')
    .requiredOption('-o, --output <file>', 'the new trace; - is standard output')
    .option('--json', 'the result as JSON')
    .action((file: string, given: RecoverArguments) => recover(terminal, file, given));
}

/** Reads front to back, whatever the index says; the new trace says whether it is a part only. */
async function recover(terminal: Terminal, file: string, { output, json }: RecoverArguments): Promise<void> {
  await refuseSameFile(file, output);
  const { blocks, name, byteLength } = await openTraceBytes(file, terminal);
  const trace = await openTraceStream(blocks, name);
  const progress = terminal.progress(`recovering ${basename(name)}`, 'bytes', byteLength);
  const onProgress = (bytes: number): void => progress.update(bytes);
  const written = await writeTrace(output, trace.header, terminal, async (writer) => {
    for await (const batch of trace.batches({ onProgress })) {
      await writer.write(batch);
      await breathe(terminal);
    }
    writer.note(trace.notes);
    return trace.complete;
  }).finally(() => progress.stop());
  const reproduce = reproduceLine('recover', [file, '-o', output]);
  if (json) terminal.printJson({ ...written, lost: trace.lost ?? null, reproduce });
  else {
    terminal.print(`${written.file}: ${formatCount(written.events)} events kept`);
    terminal.print(trace.lost === undefined ? 'nothing was lost' : `lost: ${trace.lost.message}`);
    terminal.print(`reproduce: ${reproduce}`);
  }
  terminal.signal.throwIfAborted();
}
