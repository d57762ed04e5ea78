/**
 * Imports the pages that Android's systrace and atrace write: HTML with a viewer in it, and a trace of tracefs as text in
 *
 *   <script class="trace-data" type="application/text">      or, until 2014,      var linuxPerfData = "\
 *   # tracer: nop                                                                 # tracer: nop\n\
 *   ...                                                                           ...\n\
 *   </script>                                                                     ";
 *
 * Lines of the page around it are counted; their numbers are those of the file. Pages whose trace is JSON or packed
 * have none of either.
 */

import { latin1, latin1Bytes } from '../host/index.ts';
import type { Evidence, TraceHead } from '../text/evidence.ts';
import type { Importer } from './importer.ts';
import { importKernelTrace } from './kernel.ts';

const NAME = 'systrace';
const NEWLINE = '\n';
const HTML = /^\s*(?:<!DOCTYPE html|<html|<!--)/i;
const VIEWER = /trace.?viewer|systrace|catapult|class="trace-data"|linuxPerfData|Android System Trace/i;

/** Where a trace begins in the page, and where it ends. */
const STARTS: readonly (readonly [start: string, end: string, isQuoted: boolean])[] = [
  ['class="trace-data"', '</script>', false],
  ['linuxPerfData = "', '";', true],
];
const LONGEST_START = Math.max(...STARTS.map(([start]) => start.length));
/** What stands for a line of the page, so that lines keep their numbers. */
const PAGE_LINE = '<\n';

/** The traces of a page, and a short line for each line around them. */
export async function* tracesInPage(blocks: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  const page = new Page();
  for await (const block of blocks) {
    const text = page.take(block);
    if (text.length > 0) yield text;
  }
  const rest = page.end();
  if (rest.length > 0) yield rest;
}

/** Text of which a character is a byte. */
class Page {
  private held = '';
  private inside: { end: string; isQuoted: boolean } | undefined;
  /** The line that is being written has text of a trace in it. */
  private hasText = false;

  take(block: Uint8Array): Uint8Array {
    this.held += latin1(block);
    return this.all(false);
  }

  end(): Uint8Array {
    return this.all(true);
  }

  private all(isLast: boolean): Uint8Array {
    const parts: string[] = [];
    for (let moved = true; moved; ) {
      moved = this.inside === undefined ? this.outside(parts, isLast) : this.trace(parts, isLast);
    }
    return latin1Bytes(parts.join(''));
  }

  /** Passes over the page up to where a trace begins; true if there is one. */
  private outside(parts: string[], isLast: boolean): boolean {
    const { held } = this;
    const found = STARTS.map(([start, end, isQuoted]) => ({ at: held.indexOf(start), start, end, isQuoted }))
      .filter(({ at }) => at >= 0)
      .sort((a, b) => a.at - b.at)[0];
    const bracket = found && !found.isQuoted ? held.indexOf('>', found.at) : -1;
    if (found === undefined || (!found.isQuoted && bracket < 0)) {
      this.passOver(parts, isLast ? held.length : Math.max(0, (found?.at ?? held.length) - LONGEST_START));
      return false;
    }
    this.passOver(parts, found.isQuoted ? found.at + found.start.length : bracket + 1);
    this.inside = found;
    return true;
  }

  private passOver(parts: string[], length: number): void {
    let newline = this.held.indexOf(NEWLINE);
    for (; newline >= 0 && newline < length; newline = this.held.indexOf(NEWLINE, newline + 1)) {
      parts.push(this.hasText ? '\n' : PAGE_LINE);
      this.hasText = false;
    }
    this.held = this.held.slice(length);
  }

  /** Lines of a trace, up to its end; true if there is one. */
  private trace(parts: string[], isLast: boolean): boolean {
    const { held, inside } = this;
    const end = held.indexOf(inside!.end);
    const length = end >= 0 ? end : isLast ? held.length : held.lastIndexOf(NEWLINE) + 1;
    const text = held.slice(0, length);
    parts.push(inside!.isQuoted ? unquoted(text) : text);
    this.hasText = length > 0 && held[length - 1] !== NEWLINE;
    this.held = held.slice(length);
    if (end < 0) return false;
    this.inside = undefined;
    return true;
  }
}

/** The text of a string of JavaScript whose lines end with `\n\`. */
function unquoted(text: string): string {
  return text.replace(/^\\(?=\r?$)|\\n\\(?=\r?$)/gm, '').replace(/\\(["'/\\])/g, '$1');
}

function sniff({ bytes, lines }: TraceHead): Evidence {
  const isPage = HTML.test(lines[0] ?? '') && VIEWER.test(latin1(bytes));
  return isPage
    ? { score: 1, why: 'it is a page of HTML with a trace viewer in it' }
    : { score: 0, why: 'it is no page of a trace viewer' };
}

export const systrace: Importer = {
  name: NAME,
  describe: 'the HTML pages of systrace and atrace, with a trace of tracefs in them',
  grammar: ['<script class="trace-data" type="application/text">', 'lines as tracefs has them', '</script>'],
  sniff,
  import: ({ name, blocks }, output) =>
    importKernelTrace({ name, blocks: tracesInPage(blocks) }, output, 'ftrace', NAME),
};
