/** Samples of a timeline in lines: as a table for people, as CSV and as NDJSON. */
import { csvLine, ndjsonLine } from '../text/csv.ts';
import { formatCount, shortBytes, shortCount, shortNs } from '../text/units.ts';
import { TIMELINE_FIGURES } from './figures.ts';
import type { Sample } from './timeline.ts';

export const TIMELINE_FORMATS = ['text', 'ndjson', 'csv'] as const;
export type TimelineFormat = (typeof TIMELINE_FORMATS)[number];

export interface TimelineLines {
  /** Lines before the samples. */
  readonly head: readonly string[];
  line(sample: Sample): string;
}

export interface TimelineTextOptions {
  /** Their names, in order. */
  readonly lanes: readonly string[];
  /** Event numbers are at most this; undefined: not known. */
  readonly lastEvent?: number | undefined;
}

export function timelineLines(format: TimelineFormat, options: TimelineTextOptions): TimelineLines {
  if (format === 'text') return textLines(options);
  const names = ['lane', 'event', 'timeNs', ...TIMELINE_FIGURES.map(({ name }) => name)];
  const cells = ({ lane, event, timeNs, values }: Sample) => [lane, event, timeNs, ...values];
  if (format === 'csv') return { head: [csvLine(names)], line: (sample) => csvLine(cells(sample)) };
  return { head: [], line: (sample) => ndjsonLine(names, cells(sample), new Set()) };
}

/** What fits 80 columns, and how wide each is; CSV and NDJSON have all. */
const TEXT_WIDTHS: Readonly<Record<string, number>> = {
  freeLowBytes: 6,
  freeHighBytes: 6,
  vmallocHoleBytes: 6,
  pageTableBytes: 6,
  processes: 5,
  minorFaults: 6,
  majorFaults: 5,
  walks: 7,
  failures: 6,
};
const SHOWN = TIMELINE_FIGURES.map((figure, i) => ({
  ...figure,
  i,
  width: TEXT_WIDTHS[figure.name] ?? 0,
})).filter(({ width }) => width > 0);
const TIME_WIDTH = 6;
const LONGEST_NUMBER = 999_999_999;

/** With several lanes each line begins with the number of one, and the lines before tell which is which. */
function textLines({ lanes, lastEvent = LONGEST_NUMBER }: TimelineTextOptions): TimelineLines {
  const eventWidth = Math.max('event'.length, formatCount(lastEvent).length);
  const several = lanes.length > 1;
  const row = (lane: string, event: string, time: string, cells: readonly string[]): string => {
    const figures = cells.map((cell, i) => cell.padStart(SHOWN[i]!.width));
    const head = [event.padStart(eventWidth), time.padStart(TIME_WIDTH)];
    return [...(several ? [lane] : []), ...head, ...figures].join(' ');
  };
  const heads = SHOWN.map(({ head }) => head);
  const legend = several ? lanes.map((name, i) => `${i + 1}: ${name}`) : [];
  return {
    head: [...legend, row('l', 'event', 'time', heads)],
    line({ lane, event, timeNs, values }) {
      const cells = SHOWN.map(({ i, unit, width }) =>
        unit === 'bytes' ? shortBytes(values[i]!) : shortCount(values[i]!, width),
      );
      return row(String(lanes.indexOf(lane) + 1), formatCount(event), shortNs(timeNs), cells);
    },
  };
}
