/** Another tool's trace to a trace of ours, with what was brought beside it; and what came of it, for people. */
import {
  type BesideText,
  type Blocks,
  type ImportedTrace,
  type InitialState,
  importTrace,
  type OnProgress,
  type ProgramImages,
  type TraceOrigin,
  type TraceWriter,
} from '../../traces/index.ts';
import { formatCount } from '../text/units.ts';
import { hanging } from '../text/wrap.ts';
import type { Capture } from './capture.ts';
import { baseName, blocksIn } from './content.ts';
import { digesting } from './digest.ts';

/** What is to be imported: a trace, or one of a capture. */
export interface ImportSource {
  /** For messages. */
  readonly name: string;
  readonly byteLength: number | undefined;
  readonly blocks: Blocks;
  readonly capture?: Capture | undefined;
  /** Other files of the same run, which tell what it does not. */
  readonly beside?: readonly BesideText[] | undefined;
  /** What execve maps of programs that the trace names. */
  readonly programs?: ProgramImages | undefined;
  /** What is missing, or known to be wrong. */
  readonly warnings?: readonly string[] | undefined;
}

/** The trace of a capture; `path`: how messages call that. */
export function ofCapture(path: string, capture: Capture): ImportSource {
  const { name, byteLength } = capture.trace;
  return { name: `${path}: ${name}`, byteLength, blocks: blocksIn(capture.trace), capture };
}

/** How a trace is called by what it was made from: `ls-lR.lackey.gz` becomes `ls-lR`, in the directory where one is. */
export function importStem(file: string): string {
  return baseName(file)
    .replace(/(?<=.)\.gz$/, '')
    .replace(/(?<=.)\.[^.]*$/, '');
}

/** What the trace says of itself. */
export function importParameters(
  file: string,
  format: string | undefined,
  initialState: InitialState | undefined,
): TraceOrigin['parameters'] {
  return {
    importer: format ?? 'found by its first bytes',
    file,
    ...(initialState && { initialState }),
  };
}

/** Imports all of it, and notes from which bytes. */
export async function importInto(
  writer: TraceWriter,
  { name, byteLength, blocks, capture, beside, programs, warnings = capture?.warnings }: ImportSource,
  format: string | undefined,
  onProgress: OnProgress,
): Promise<ImportedTrace> {
  const input = digesting(blocks);
  const request = { name, byteLength, from: format, callers: capture?.callers, warnings, beside, programs };
  const result = await importTrace({ ...request, blocks: input.blocks }, writer, { onProgress });
  writer.note({ ...result.notes, input: capture?.digest ?? input.digest() });
  return result;
}

/** Every line and every event is accounted for. Warnings apart, which go to another stream. */
export function importLines(result: ImportedTrace, width: number | undefined): string[] {
  const { format, choice, lines, eventLines, events, references, lostEvents = 0 } = result;
  const { read, write, modify, execute } = references;
  const hasReferences = read + write + modify + execute > 0;
  return [
    `${format}${choice.forced ? ', as told' : ''}: ${formatCount(lines)} lines, ${formatCount(eventLines)} of them events; ` +
      `${formatCount(events - eventLines)} events implied`,
    ...(choice.forced ? [] : [hanging('format: ', choice.why, 2, width)]),
    ...(hasReferences
      ? [
          `references: ${formatCount(read)} read, ${formatCount(write)} write, ${formatCount(modify)} modify, ${formatCount(execute)} execute`,
        ]
      : []),
    ...(format === 'strace' ? [hanging('references: ', NO_REFERENCES, 2, width)] : []),
    ...(result.heapPages === undefined
      ? []
      : [hanging('heap: ', heapText(result.heapPages, result.heapMachine), 2, width)]),
    ...imageLines(result.images ?? {}, width),
    ...ruleLines('lines ignored', result.ignored),
    ...ruleLines('events implied', result.implied),
    ...ruleLines('lines taken as something else', result.changed ?? {}),
    ...(lostEvents > 0 ? [`lost: ${formatCount(lostEvents)} events, by the recorder's own count`] : []),
  ];
}

const NO_REFERENCES =
  'none, for a strace does not tell which pages a program touches: of page faults a replay has those of execve, MAP_POPULATE ' +
  'and mlock alone; record lackey or page faults for the others';

function heapText(
  { least, most }: NonNullable<ImportedTrace['heapPages']>,
  machine: ImportedTrace['heapMachine'],
): string {
  return (
    `malloc of ${machine}, as its blocks show: ${formatCount(least)} page faults at least, which malloc itself takes, and ${formatCount(most)} at most, which the trace ` +
    'has: all that the program asks for; lackey or page faults of the same program tell which'
  );
}

/** Paths and build-ids are long. */
function imageLines(images: Readonly<Record<string, number>>, width: number | undefined): string[] {
  const [title, ...lines] = ruleLines('what execve maps, by the files of programs', images);
  return title === undefined
    ? []
    : [
        title,
        ...lines.map((line) =>
          hanging(line.slice(0, COUNT_COLUMNS), line.slice(COUNT_COLUMNS), COUNT_COLUMNS, width),
        ),
      ];
}

/** Of a count, and the space behind it. */
const COUNT_COLUMNS = 16;

/** Most frequent first. */
function ruleLines(title: string, counts: Readonly<Record<string, number>>): string[] {
  const rules = Object.entries(counts).filter(([, count]) => count > 0);
  if (rules.length === 0) return [];
  const sorted = rules.sort(([, a], [, b]) => b - a);
  return [
    `${title}:`,
    ...sorted.map(([rule, count]) => `${formatCount(count).padStart(COUNT_COLUMNS - 2)}  ${rule}`),
  ];
}
