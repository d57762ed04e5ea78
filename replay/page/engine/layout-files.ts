/** Layouts that a person describes in JSON files: dropped, they are lanes of the run that is open, or of a workload. */
import { parseLayoutFile } from '../../../core/index.ts';
import { contentOf } from '../../brought/index.ts';
import {
  MOST_TEXT_BYTES,
  parseRunSpec,
  type RunSpec,
  runSpecToJson,
  unpackedText,
} from '../../spec/index.ts';
import { CLASSIC_LANES, CLASSIC_MACHINE } from './classic.ts';
import type { PageRun } from './protocol.ts';
import { type DroppedFile, sourceOfDropped, type Work } from './work.ts';

const EXPECTED = 'a layout as JSON';

/** Lanes of a layout file are told by its ending. */
export function isLayoutFile({ name }: DroppedFile): boolean {
  return name.endsWith('.json');
}

/** What is wrong with a file is a UsageError that tells all of it. */
export async function runWithLayouts(
  files: readonly DroppedFile[],
  open: PageRun | undefined,
  work: Work,
): Promise<PageRun> {
  const texts: Record<string, string> = {};
  for (const file of files) {
    const content = await contentOf(sourceOfDropped(file, work), MOST_TEXT_BYTES, EXPECTED);
    texts[file.name] = await unpackedText(content, file.name, EXPECTED);
    parseLayoutFile(texts[file.name]!, file.name);
  }
  const before = open === undefined ? WORKLOAD : parseRunSpec(open.spec);
  const isThere = (layout: string): boolean => before.lanes.some((lane) => lane.layout === layout);
  const added = Object.keys(texts).filter((layout) => !isThere(layout));
  const run = { ...before, lanes: [...before.lanes, ...added.map((layout) => ({ layout }))] };
  return { ...open, spec: JSON.stringify(runSpecToJson(run)), files: { ...open?.files, ...texts } };
}

/** Where no run is open: something to see it at work with, beside what everybody has. */
const WORKLOAD: RunSpec = {
  events: { workload: 'drivers' },
  machine: CLASSIC_MACHINE,
  lanes: CLASSIC_LANES.slice(0, 1),
};
