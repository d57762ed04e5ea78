/**
 * A line of strace, taken apart: who, when, what. head.ts reads what options put before the text.
 *
 *   11242 15:00:04.810271 execve("/usr/bin/sort", ["sort", "lines.txt"], 0x558aef28eec0 <unfinished ...>
 *   11242 15:00:04.810773 <... execve resumed>) = 0
 *   [pid 11421] 15:00:05.851855 +++ exited with 0 +++
 *   15:00:05.836314 clone(child_stack=NULL, flags=SIGCHLDstrace: Process 11421 attached
 *   , child_tidptr=0x7f655af8ba10) = 11421
 */
import { type LineHead, parseHead, type Stamp } from './head.ts';
import { SYSTEM_CALLS } from './system-calls.ts';
import { isOfStrace } from './tools.ts';

/** What a line is. */
export type StraceForm =
  /** A call with its result; `text` is all of it. */
  | 'call'
  /** A call that has not returned; `text` is its beginning, `mmap(NULL, 4096`. */
  | 'begin'
  /** The same after a message of strace itself, on the same line. */
  | 'split'
  /** The end of such a call; `text` is what follows, `) = 0`. */
  | 'resumed'
  /** The process has ended. */
  | 'exit'
  /** The process has ended because another of its threads called execve; `text` is the pid of that thread. */
  | 'superseded'
  | 'signal'
  /** A message of strace. */
  | 'message'
  /** Where in the program the call before was made (-k), or the bytes it moved (-e read, -e write). */
  | 'detail'
  /** Of the table of counts that -C adds. */
  | 'summary'
  /** None of these. */
  | 'other';

export interface StraceLine {
  readonly form: StraceForm;
  readonly pid: number | undefined;
  readonly stamp: Stamp | undefined;
  /** Of the call, where the line is one or a part of one. */
  readonly name: string;
  readonly text: string;
  /** The process that strace says to follow now, and how many threads it has; 0 for none. */
  readonly attached: number;
  readonly threads: number;
}

type Body = Omit<StraceLine, 'pid' | 'stamp'>;

export const UNFINISHED = '<unfinished ...>';
const DETACHED = '<detached ...>';
/** The colours of --color. */
const COLOUR = new RegExp(`${String.fromCharCode(0x1b)}\\[[0-9;]*m`, 'g');

export function parseLine(line: string): StraceLine {
  const { pid, stamp, body } = headOf(line);
  const { form, name, text, attached, threads } = parseBody(body);
  if (form === 'other' && COUNTS.test(line))
    return { ...formOf('summary', line), pid: undefined, stamp: undefined };
  return { form, pid, stamp, name, text, attached, threads };
}

/** What stands before the text of a line, and the text. */
export function headOf(line: string): LineHead {
  return parseHead(line.includes('\x1b') ? line.replace(COLOUR, '') : line);
}

function parseBody(body: string): Body {
  switch (body[0]) {
    case '+':
      return endOfProcess(body);
    case '-':
      return body.startsWith('--- ') && body.endsWith(' ---') ? formOf('signal', body) : otherBody(body);
    case '<':
      return secondHalf(body);
    case '>':
    case '|':
      return body[1] === ' ' ? formOf('detail', body) : otherBody(body);
    default:
      return callOf(body) ?? otherBody(body);
  }
}

function formOf(form: StraceForm, text: string, name = ''): Body {
  return { form, name, text, attached: 0, threads: 0 };
}

function endOfProcess(body: string): Body {
  const isMarked = body.startsWith('+++ ') && body.endsWith(' +++');
  const said = isMarked ? body.slice(4, -4) : '';
  if (said.startsWith('exited with ') || said.startsWith('killed by ')) return formOf('exit', body);
  const by = /^superseded by execve in pid (\d+)/.exec(said)?.[1];
  return by === undefined ? otherBody(body) : formOf('superseded', by);
}

/** `<... mmap resumed>) = 0x7f21c000`, with a space before the parenthesis in older ones. */
function secondHalf(body: string): Body {
  const end = body.indexOf(' resumed>');
  const name = body.slice('<... '.length, Math.max(0, end));
  if (!body.startsWith('<... ') || nameLength(name) !== name.length) return otherBody(body);
  return formOf('resumed', body.slice(end + ' resumed>'.length), name);
}

/** A whole call, or the beginning of one. */
function callOf(body: string): Body | undefined {
  const length = nameLength(body);
  if (length === 0 || body[length] !== '(') return undefined;
  const name = body.slice(0, length);
  for (const mark of [UNFINISHED, DETACHED])
    if (body.endsWith(mark)) return formOf('begin', body.slice(0, -mark.length).trimEnd(), name);
  const attached = attachedAtEnd(body);
  if (attached !== undefined) return { form: 'split', name, ...attached };
  return resultStart(body) === undefined ? undefined : formOf('call', body, name);
}

/** Of the word that the text begins with; `????` where strace does not know the call. */
function nameLength(text: string): number {
  let at = 0;
  while (IS_NAME[text.charCodeAt(at)] === 1) at++;
  return at;
}

const IS_NAME = Uint8Array.from({ length: 256 }, (_, code) =>
  Number(/[\w?]/.test(String.fromCharCode(code))),
);

/**
 * Where the result begins that stands behind the arguments of a call: behind the last `) = `, with any number of
 * spaces between, as strings among the arguments may hold one too.
 */
export function resultStart(text: string): number | undefined {
  for (let at = text.lastIndexOf('= '); at > 0; at = text.lastIndexOf('= ', at - 1)) {
    let before = at - 1;
    while (text[before] === ' ') before--;
    if (text[before] === ')' && at + 2 < text.length) return at + 2;
  }
  return undefined;
}

/** Long enough for any message of strace at the end of a line. */
const MESSAGE_LENGTH = 160;
const ATTACHED =
  /Process (\d+)(?:<.*>)? attached(?: with (\d+) threads)?(?: \(waiting for parent\))?(?: - interrupt to quit)?$/;

/** `...SIGCHLDstrace: Process 11421 attached`, without `strace: ` in versions before 4.21: the text before it, and who. */
function attachedAtEnd(body: string): Pick<StraceLine, 'text' | 'attached' | 'threads'> | undefined {
  const tail = body.slice(-MESSAGE_LENGTH);
  const found = tail.includes(' attached') ? ATTACHED.exec(tail) : null;
  if (found === null) return undefined;
  const message = body.slice(0, body.length - tail.length + found.index);
  const [, pid, threads] = found;
  return {
    text: message.endsWith(OF_STRACE) ? withoutPath(message.slice(0, -OF_STRACE.length)) : message,
    attached: Number(pid),
    threads: Number(threads ?? 1),
  };
}

const OF_STRACE = 'strace: ';

/** strace may have been called by its path: `...SIGCHLD/usr/bin/strace: Process 11421 attached`. */
function withoutPath(text: string): string {
  if (!text.endsWith('/')) return text;
  let at = text.length;
  while (/[\w./-]/.test(text[at - 1] ?? '')) at--;
  return text.slice(0, text.indexOf('/', at));
}

function otherBody(body: string): Body {
  const attached = attachedAtEnd(body);
  if (attached !== undefined) return { ...attached, form: 'message', name: '' };
  if (MESSAGE.test(body)) return formOf('message', body);
  return formOf(SUMMARY.test(body) ? 'summary' : 'other', body);
}

/** error_msg() of strace, those of versions before 4.21 that named no program, and the kind of a process. */
const MESSAGE =
  /^(?:(?:\/[\w./-]*\/)?strace: |Process \d+ (?:attached|detached|suspended|resumed)\b|\[ Process PID=\d+ runs in |PANIC: )/;
/** count.c: a title and rulers; a row for each call, and a total. */
const SUMMARY = /^(?:% time +seconds|-{6}[- ]*$|System call usage summary for )/;
const COUNTS = /^ *\d+\.\d+ +\d+\.\d+ +[\d ]*\b[a-z_]\w*$/;

/** Whether the text of a line, less pid and time, is a system call, a half of one, or an end as strace words it. */
export function isSystemCall(body: string): boolean {
  const { form, name } = parseBody(body);
  return SYSTEM_CALLS.has(name) || (form !== 'other' && isOfStrace(body));
}
