/** `vmsplit info`: what a trace holds, and whether it is whole. */
import { Command } from 'commander';
import { printable } from '../../../core/base/printable.ts';
import {
  type Notes,
  ObjectNames,
  openTraceStream,
  TotalsCounter,
  type TraceInfo,
  traceInfo,
  unknownAmong,
} from '../../../traces/index.ts';
import { fileSource } from '../../../traces/node/index.ts';
import { formatBytes, formatCount } from '../../index.ts';
import { beyondText } from '../files/object-names.ts';
import { isSeekable, openTraceBytes } from '../files/trace-input.ts';
import { addFailOnOption, exitCodeFor, type FailOn } from '../options/fail-on.ts';
import type { Terminal } from '../terminal/terminal.ts';

interface InfoArguments {
  readonly verify?: boolean;
  readonly failOn?: FailOn;
  readonly json?: true;
}

/** Of a stream, which has no index to count them, without the chunks. */
type Info = Omit<TraceInfo, 'chunks'> & Partial<Pick<TraceInfo, 'chunks'>>;

export function infoCommand(terminal: Terminal): Command {
  const command = new Command('info')
    .description('what a trace holds, and whether it is whole')
    .argument('<file>', 'a trace; - is standard input')
    .option('--verify', 'check and count every event instead of trusting the index');
  return addFailOnOption(command, ['never', 'incomplete'], 'incomplete')
    .option('--json', 'the result as JSON')
    .action(async (file: string, { verify = false, json, failOn = 'incomplete' }: InfoArguments) => {
      const info = (await isSeekable(file))
        ? await infoOfFile(terminal, file, verify)
        : await infoOfStream(terminal, file);
      if (json) terminal.printJson(jsonOf(info));
      else terminal.print(textOf(info));
      terminal.exitCode = exitCodeFor({ incomplete: !info.complete }, failOn);
    });
}

async function infoOfFile(terminal: Terminal, file: string, verify: boolean): Promise<Info> {
  const source = await fileSource(file);
  const progress = terminal.progress(`reading ${file}`, 'bytes', source.byteLength);
  const onProgress = (bytes: number): void => {
    progress.update(bytes);
    terminal.signal.throwIfAborted();
  };
  try {
    return await traceInfo(source, { verify, onProgress });
  } finally {
    progress.stop();
    await source.close();
  }
}

/** A stream has to be read to its end: its index comes last. */
async function infoOfStream(terminal: Terminal, file: string): Promise<Info> {
  const { blocks, name } = await openTraceBytes(file, terminal);
  let bytes = 0;
  const counted = counting(blocks, (length) => {
    bytes += length;
  });
  const trace = await openTraceStream(counted, name, { unknownKinds: true });
  const counter = new TotalsCounter();
  const progress = terminal.progress(`reading ${name}`, 'events', undefined);
  for await (const batch of trace.batches()) {
    counter.add(batch);
    progress.update(counter.events);
  }
  progress.stop();
  const totals = counter.totals(trace.header.kinds);
  const { header, notes, complete, lost } = trace;
  const bytesPerEvent = totals.events === 0 ? 0 : bytes / totals.events;
  return {
    file: name,
    header,
    notes,
    ...totals,
    ...unknownAmong(totals.kinds),
    bytes,
    bytesPerEvent,
    complete,
    ...(lost && { lost }),
  };
}

async function* counting(
  blocks: AsyncIterable<Uint8Array>,
  count: (bytes: number) => void,
): AsyncGenerator<Uint8Array> {
  for await (const block of blocks) {
    count(block.length);
    yield block;
  }
}

function jsonOf({ header, lost, ...info }: Info): unknown {
  const { kinds: _, seed, ...rest } = header;
  return { ...info, seed, header: rest, lost: lost ?? null };
}

/** A snapshot fills pages; --json has it. */
function withoutSnapshot(key: string, value: unknown): unknown {
  return key === 'initialState' ? 'a snapshot' : value;
}

/** How the format of an imported trace was found, and what there was to warn of. */
function importedLines({ imported }: Notes): string[] {
  if (typeof imported !== 'object' || imported === null) return [];
  const { format, forced, why, warnings } = imported as Record<string, unknown>;
  const how = forced === true ? ', as told' : '';
  const warned = Array.isArray(warnings) ? warnings.map((warning) => `warning     ${warning}`) : [];
  return [`imported    ${format}${how}: ${why}`, ...warned];
}

/** Requests that failed where they were recorded, and are asked for again. */
function refusedLines({ refused = 0, refused_fork: forks = 0 }: Info['kinds']): string[] {
  const count = refused + forks;
  return count === 0 ? [] : [`failed      ${formatCount(count)} requests where they were recorded`];
}

/** Who asked for objects, as the kernel that was recorded named them. */
function callerLines(notes: Notes): string[] {
  if (typeof notes.names !== 'object' || notes.names === null) return [];
  const names = ObjectNames.in(notes);
  const callers = `callers     ${formatCount(Object.keys(notes.names).length)} names of who asked for objects`;
  return names.beyond === 0 ? [callers] : [callers, `            ${beyondText(names)}`];
}

function textOf({
  file,
  header,
  notes,
  events,
  chunks,
  kinds,
  unknownKinds,
  references,
  bytes,
  bytesPerEvent,
  lost,
}: Info): string {
  const { version, tool, toolVersion, seed, parameters } = header;
  const inChunks = chunks === undefined ? '' : ` in ${formatCount(chunks)} chunks`;
  const counts = Object.entries(kinds).sort(([, a], [, b]) => b - a);
  return [
    `${file}: trace of format ${version}, by ${tool} ${toolVersion}${seed === null ? '' : `, seed ${seed}`}`,
    `parameters  ${JSON.stringify(parameters, withoutSnapshot)}`,
    `size        ${formatCount(events)} events${inChunks}, ${formatBytes(bytes)}, ${bytesPerEvent.toFixed(2)} bytes an event`,
    `state       ${lost === undefined ? 'complete' : `INCOMPLETE: ${lost.message}`}`,
    `references  ${Object.entries(references)
      .map(([name, count]) => `${formatCount(count)} ${name}`)
      .join(', ')}`,
    `kinds       ${counts.map(([name, count]) => `${formatCount(count)} ${name}`).join(', ')}`,
    ...refusedLines(kinds),
    ...callerLines(notes),
    ...importedLines(notes),
    ...(unknownKinds === undefined
      ? []
      : [
          `unknown     ${unknownKinds.join(', ')}: kinds of a later vmsplit; this one cannot replay the trace`,
        ]),
  ]
    .map(printable)
    .join('\n');
}
