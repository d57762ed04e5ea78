/**
 * /proc/PID/pagemap as text, with what /proc/kpageflags and /proc/kpagecount tell of each frame: a heading for each
 * mapping, and a line for each of its pages that is in memory or swapped out.
 */
import { expectMapsLine, formatMapsLine, type MapsLine } from './maps.ts';
import { type ProcPlace, ProcText } from './text.ts';

/** A page that is there, or in the swap area. */
export interface PagemapPage {
  readonly address: bigint;
  /** Of a page cache page or shared memory. */
  readonly file: boolean;
  /** No other page-table entry maps the frame. */
  readonly exclusive: boolean;
  readonly softDirty: boolean;
  /** Undefined when the page is swapped out. */
  readonly frame?: { readonly pfn: number; readonly kpageflags: bigint; readonly mapcount: number };
  /** Offset in the swap area. */
  readonly swap?: number;
}

/** A mapping as a line of maps has it, and its pages. */
export interface PagemapMapping extends MapsLine {
  readonly pages: readonly PagemapPage[];
}

const HEADING = '# vaddr present swap file excl softdirty pfn kpageflags mapcount';
const PAGE =
  /^0x([0-9a-f]+) ([01]) ([01]) ([01]) ([01]) ([01]) (?:swap:)?0x([0-9a-f]+) (?:- -|0x([0-9a-f]+) (\d+))$/;

/** The pages of each mapping, in the order of the text. Throws ImportError at the first line of another form. */
export function parsePagemap(text: string, place?: ProcPlace): PagemapMapping[] {
  const lines = new ProcText(text, '/proc/PID/pagemap', place);
  lines.expect(new RegExp(`^${HEADING}$`), `'${HEADING}'`);
  if (lines.done) return [];
  return lines.untilEnd(() => ({ ...expectMapsLine(lines, '# map '), pages: lines.each(PAGE, pageOf) }));
}

function pageOf(match: RegExpExecArray): PagemapPage {
  const [, address, present, , file, exclusive, softDirty, number, kpageflags, mapcount] = match;
  const value = Number(`0x${number}`);
  const where =
    present === '1'
      ? { frame: { pfn: value, kpageflags: BigInt(`0x${kpageflags}`), mapcount: Number(mapcount) } }
      : { swap: value };
  const flags = { file: file === '1', exclusive: exclusive === '1', softDirty: softDirty === '1' };
  return { address: BigInt(`0x${address}`), ...flags, ...where };
}

/** The text that `parsePagemap` reads; `wordBytes` of the kernel decides how wide addresses are. */
export function formatPagemap(mappings: readonly PagemapMapping[], wordBytes: number): string {
  const parts = mappings.map(
    (one) => `# map ${formatMapsLine(one, wordBytes)}\n${one.pages.map(pageText).join('')}`,
  );
  return `${HEADING}\n${parts.join('')}`;
}

function pageText({ address, file, exclusive, softDirty, frame, swap = 0 }: PagemapPage): string {
  const flags = [frame ? 1 : 0, frame ? 0 : 1, file ? 1 : 0, exclusive ? 1 : 0, softDirty ? 1 : 0].join(' ');
  const where = frame
    ? `0x${frame.pfn.toString(16)} 0x${frame.kpageflags.toString(16)} ${frame.mapcount}`
    : `swap:0x${swap.toString(16)} - -`;
  return `0x${address.toString(16).padStart(12, '0')} ${flags} ${where}\n`;
}
