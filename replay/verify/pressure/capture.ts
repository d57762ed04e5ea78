/** A capture of a machine under memory pressure, as files: which of them is what, by their content. */
import { UsageError } from '../../../core/index.ts';
import type { CaptureFile } from '../process/capture.ts';
import { type DumpedMark, type Dumps, namedNumbers, parseDumps } from './dumps.ts';
import { type PageTableDump, parsePageTables } from './page-tables.ts';
import { PROGRAMS } from './programs.ts';
import { type Given, parseScript, type Script } from './script.ts';

export interface PressureCapture {
  readonly name: string;
  readonly dumps: Dumps;
  /** The text of tracefs' `trace`; empty without one. */
  readonly trace: string;
  /** The boot log; empty without one. */
  readonly bootLog: string;
  /** Page tables that were read from a stopped machine. */
  readonly pageTables: PageTableDump | undefined;
  readonly script: Script;
  readonly given: Given;
}

/** Whether a text is the dumps of such a capture. */
export function isPressureDumps(text: string): boolean {
  return /^### MARK /m.test(text);
}

const IS_TRACE = /^# tracer: /;
const IS_PAGE_TABLES = /^## \w+ root at /m;
const IS_BOOT_LOG = /Linux version|Mem-Info:|oom-killer/;

/** @param script a person's own; without it, that of the program which the kernel command line names (scn=) */
export function pressureCaptureOf(
  name: string,
  files: readonly CaptureFile[],
  script?: CaptureFile,
): PressureCapture {
  const dumpsFile = files.find(({ text }) => isPressureDumps(text));
  if (dumpsFile === undefined)
    throw new UsageError(
      `${name}: found ${files.map((file) => file.name).join(', ') || 'no file'}, expected the dumps of a machine under ` +
        "memory pressure ('### MARK name', '### FILE /proc/vmstat', ...), and its trace beside them",
    );
  const others = files.filter((file) => file !== dumpsFile);
  const trace = others.find(({ text }) => IS_TRACE.test(text))?.text ?? '';
  const bootLog = others.find(({ text }) => !IS_TRACE.test(text) && IS_BOOT_LOG.test(text))?.text ?? '';
  const tables = others.find(({ text }) => IS_PAGE_TABLES.test(text))?.text ?? '';
  const dumps = parseDumps(dumpsFile.text, dumpsFile.name);
  const { numbers, lists } = wordsOf(dumps);
  const chosen = scriptOf(name, lists.get('scn') ?? '', script);
  const begin = markNamed(dumps, chosen.begin, name);
  return {
    ...{ name, dumps, trace, bootLog, script: chosen, pageTables: parsePageTables(tables) },
    given: { numbers: new Map([...memoryOf(begin), ...numbers]), lists },
  };
}

function scriptOf(name: string, program: string, own: CaptureFile | undefined): Script {
  if (own !== undefined) return parseScript(own.text, own.name);
  const text = PROGRAMS[program];
  if (text !== undefined) return parseScript(text, `scn=${program}`);
  throw new UsageError(
    `${name}: found ${program === '' ? 'no program' : `program '${program}'`} on the kernel command line (scn=), expected one of ` +
      `${Object.keys(PROGRAMS).join(', ')}; --script names a file that says what was touched in which order`,
  );
}

export function markNamed({ marks }: Dumps, name: string, capture: string): DumpedMark {
  const mark = marks.find((one) => one.name === name);
  if (mark !== undefined) return mark;
  throw new UsageError(
    `${capture}: found marks ${marks.map((one) => one.name).join(', ')}, expected '${name}', which the script begins from`,
  );
}

/**
 * What the kernel command line and the notes say: `key=value`, `NAME value` of notes that are nothing else, H: base pages of
 * a huge page.
 */
function wordsOf({ files, notes }: Dumps): Given {
  const numbers = new Map<string, number>();
  const lists = new Map<string, string>();
  for (const word of (files.get('/proc/cmdline') ?? '').trim().split(/\s+/)) {
    const [, key, value] = /^([\w.]+)=(.+)$/.exec(word) ?? [];
    if (key === undefined) continue;
    if (/^\d+$/.test(value!)) numbers.set(key, Number(value));
    else lists.set(key, value!);
  }
  for (const note of notes)
    if (/^(?:\w+ [0-9a-f]+ ?)+$/.test(note))
      for (const [, name, value] of note.matchAll(/(\w+) (\d+)(?= |$)/g)) numbers.set(name!, Number(value));
  const [, hugeKib] = /huge page (\d+) KiB/.exec(notes.join('\n')) ?? [];
  if (hugeKib !== undefined) numbers.set('H', Number(hugeKib) / KIB_PER_PAGE);
  return { numbers, lists };
}

const KIB_PER_PAGE = 4;

/** MemTotal and the like, in pages. */
function memoryOf({ files }: DumpedMark): [string, number][] {
  const meminfo = namedNumbers(files.get('/proc/meminfo') ?? '');
  return [...meminfo].map(([name, kib]) => [name, Math.floor(kib / KIB_PER_PAGE)]);
}
