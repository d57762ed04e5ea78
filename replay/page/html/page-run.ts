/** A run with all that it names, read and checked as a replay checks it: what goes into a page, or is served beside it. */
import type { Lost, Source } from '../../../traces/index.ts';
import {
  isWorkload,
  lanesOf,
  openedTrace,
  type RunFiles,
  type RunSpec,
  runSpecToJson,
  sourceOf,
} from '../../spec/index.ts';

export interface PageFiles extends Pick<RunFiles, 'text'> {
  /** The bytes of a trace, unpacked. */
  source(path: string): Promise<Source>;
}

export interface PageContents {
  /** JSON of the run. */
  readonly spec: string;
  /** Texts of layouts, memory maps and settings of an MMU, by the names that the run has for them. */
  readonly files: Readonly<Record<string, string>>;
  /** Of a run that replays a trace; who has the contents closes it. */
  readonly trace: Source | undefined;
  readonly name: string;
  readonly events: number;
  /** What the trace lacks. */
  readonly lost: Lost | undefined;
}

/** Errors are those of a replay: no trace, an unknown layout, an option without effect. */
export async function pageContents(run: RunSpec, files: PageFiles): Promise<PageContents> {
  const trace = isWorkload(run.events) ? undefined : await files.source(run.events.trace);
  const events = await sourceOf(run, { trace: () => openedTrace(trace!) });
  const texts = new Map<string, string>();
  const noting = {
    async text(path: string, expected: string) {
      const text = await files.text(path, expected);
      texts.set(path, text);
      return text;
    },
  };
  try {
    await lanesOf(run, noting, events);
  } catch (error) {
    await events.close();
    throw error;
  }
  return {
    spec: JSON.stringify(runSpecToJson(run)),
    files: Object.fromEntries(texts),
    trace,
    name: events.name,
    events: events.total!,
    lost: events.lost(),
  };
}
