/**
 * Moments of a traced machine: its /proc/buddyinfo, pagetypeinfo and zoneinfo, read together. Three habits of naming:
 * files `zoneinfo.before` and `zoneinfo.after`, or `before/zoneinfo`, `start/zoneinfo` and `after/zoneinfo` (vmsplit
 * capture), or one text with `=== LABEL` and `--- zoneinfo` headings.
 */
import {
  type BuddyinfoZone,
  type Pagetypeinfo,
  parseBuddyinfo,
  parsePagetypeinfo,
  parseZoneinfo,
  procSections,
  type ZoneinfoZone,
} from '../../../traces/index.ts';

/** What a machine told of its memory at a moment. */
export interface Moment {
  /** What the trace's markers call it. */
  readonly label: string;
  readonly buddyinfo?: readonly BuddyinfoZone[];
  readonly pagetypeinfo?: Pagetypeinfo;
  readonly zoneinfo?: readonly ZoneinfoZone[];
}

/** A file of a snapshot. */
export interface SnapshotFile {
  /** Path; its last part says what is in it. */
  readonly name: string;
  readonly text: string;
}

type Part = Partial<Omit<Moment, 'label'>>;
type Place = { readonly file: string; readonly firstLine: number };

const PARSERS: Readonly<Record<string, (text: string, place: Place) => Part>> = {
  buddyinfo: (text, place) => ({ buddyinfo: parseBuddyinfo(text, place) }),
  pagetypeinfo: (text, place) => ({ pagetypeinfo: parsePagetypeinfo(text, place) }),
  zoneinfo: (text, place) => ({ zoneinfo: parseZoneinfo(text, place) }),
};

/** `buddyinfo.before`, `after/zoneinfo`, `zoneinfo`: the moment when it was read, and the report. */
const REPORT_FILE = /(?:^|\/)(?:(before|start|after)\/)?(buddyinfo|pagetypeinfo|zoneinfo)(?:\.(\w+))?$/;

/** Whether a file of this name is a part of a snapshot. */
export function isSnapshotFile(name: string): boolean {
  return REPORT_FILE.test(name) || /(?:^|\/)snaps\.txt(\.gz)?$/.test(name);
}

/** In the order in which they were read; a report alone is of the moment `before`. Throws ImportError with the line. */
export function momentsOf(files: readonly SnapshotFile[]): Moment[] {
  const moments = new Map<string, Moment>();
  for (const file of files) {
    for (const { label, part } of partsOf(file))
      moments.set(label, { ...moments.get(label), label, ...part });
  }
  const isLast = ({ label }: Moment): number => (label === 'after' ? 1 : 0);
  return [...moments.values()].sort((a, b) => isLast(a) - isLast(b));
}

function partsOf({ name, text }: SnapshotFile): { label: string; part: Part }[] {
  const [, folder = 'before', report, label = folder] = REPORT_FILE.exec(name) ?? [];
  if (report !== undefined) return [{ label, part: PARSERS[report]!(text, { file: name, firstLine: 1 }) }];
  return procSections(text, name).flatMap((section) => {
    const parser = PARSERS[section.name];
    return parser === undefined
      ? []
      : [{ label: section.label ?? 'before', part: parser(section.text, section.place) }];
  });
}

const MARKERS = [/^snap-(?<edge>begin|end) (?<label>.+)$/, /^snapshot (?<label>\w+): (?<edge>begin|end)$/];

/** What a marker says of the moment that is being read: that it begins or ends. */
export function momentMarker(text: string): { label: string; edge: 'begin' | 'end' } | undefined {
  for (const pattern of MARKERS) {
    const groups = pattern.exec(text.trim())?.groups;
    if (groups !== undefined) return { label: groups.label!, edge: groups.edge as 'begin' | 'end' };
  }
  return undefined;
}
