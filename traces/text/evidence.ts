/** What the first lines of a file say for a format. Every format is asked; the one with the largest share reads. */
import { latin1, latin1Bytes } from '../host/index.ts';

/** The beginning of a file, gunzipped. */
export interface TraceHead {
  readonly bytes: Uint8Array;
  /** Its whole lines without their ends, blank ones left out; a character is a byte. */
  readonly lines: readonly string[];
}

export interface Evidence {
  /** 0 to 1: the share of the first lines that are of this format and that no other one would excuse. */
  readonly score: number;
  /** `12 of the first 14 lines are system calls`. */
  readonly why: string;
}

/**
 * @param bytes of the beginning
 * @param isAll no more follows, so that the last line is whole
 */
export function traceHead(bytes: Uint8Array, isAll: boolean): TraceHead {
  const lines = latin1(bytes).split('\n');
  if (!isAll && lines.length > 1) lines.pop();
  return { bytes, lines: lines.map(withoutReturn).filter((line) => line.trim() !== '') };
}

/** Banners are at the beginning, and judged all. */
const FIRST_LINES = 32;
const SAMPLED_LINES = 200;

/** Some of the lines, evenly, for a first look: asking every format about every line costs more than reading a small file. */
export function sampleOf(head: TraceHead): TraceHead {
  const step = Math.ceil(head.lines.length / SAMPLED_LINES);
  if (step === 1) return head;
  const lines = head.lines.filter((_, i) => i < FIRST_LINES || i % step === 0);
  return { lines, bytes: latin1Bytes(`${lines.join('\n')}\n`) };
}

function withoutReturn(line: string): string {
  return line.endsWith('\r') ? line.slice(0, -1) : line;
}

interface Likeness {
  /** What lines of the format are, for people: `system calls`. */
  readonly what: string;
  /** A line that this format has, and only it. */
  isOwn(line: string): boolean;
  /** A line that this format has as others have it, or that says nothing: left out of the share. */
  isShared?(line: string): boolean;
  /** A line that only another format has: it counts against this one. */
  isAgainst?(line: string): boolean;
  /** A line by which the tool names itself: nothing else has it. */
  isMark?(line: string): boolean;
}

const LETTERS_SHOWN = 60;

/** Judges line by line. */
export function evidenceOf({ lines }: TraceHead, likeness: Likeness): Evidence {
  const { what, isOwn, isShared, isAgainst, isMark } = likeness;
  const mark = isMark === undefined ? undefined : lines.find((line) => isMark(line));
  if (mark !== undefined) return { score: 1, why: `a line says so: ${shown(mark)}` };
  let [own, asked, against] = [0, 0, 0];
  for (const line of lines) {
    if (isAgainst?.(line)) against++;
    else if (isOwn(line)) own++;
    else if (isShared?.(line)) continue;
    asked++;
  }
  const but = against === 0 ? '' : `, and ${against} cannot be`;
  const why = `${own} of the first ${asked} lines are ${what}${but}`;
  return { score: asked === 0 ? 0 : Math.max(0, own - against) / asked, why };
}

function shown(line: string): string {
  return JSON.stringify(line.length > LETTERS_SHOWN ? `${line.slice(0, LETTERS_SHOWN)}...` : line);
}
