/** Which format a file is in: all are asked about its first lines, and what they say is told. */
import { type Evidence, sampleOf, type TraceHead } from '../text/evidence.ts';
import type { Importer } from './importer.ts';

export interface FormatChoice {
  /** Name of the importer. */
  readonly format: string;
  /** By `--format`, whatever the first lines say. */
  readonly forced: boolean;
  /** What the first lines say for it. */
  readonly why: string;
  /** Why it may be another, and how to have that one. */
  readonly doubts: readonly string[];
}

interface Candidate extends Evidence {
  readonly importer: Importer;
}

/** A second format with this share of the first one's score is a rival. */
const RIVAL = 1 / 2;
/** From this share on a sample of the lines decides. */
const SURE = 0.9;
/** Below this share of lines a format is a guess. */
const GUESS = 1 / 4;

/** Undefined when no line speaks for any format. */
export function chooseFormat(
  importers: readonly Importer[],
  head: TraceHead,
): { importer: Importer; choice: FormatChoice } | undefined {
  const [best, rival] = ranked(importers, head);
  if (best === undefined || best.score === 0) return undefined;
  const { importer, why } = best;
  const choice = { format: importer.name, forced: false, why, doubts: doubtsAbout(best, rival) };
  return { importer, choice };
}

/** The choice that somebody made; told when the first lines speak for another format. */
export function forcedFormat(
  importers: readonly Importer[],
  importer: Importer,
  head: TraceHead,
): FormatChoice {
  const { score, why } = importer.sniff(head);
  const [best] = ranked(importers, head);
  const other = best !== undefined && best.importer !== importer && best.score > score ? best : undefined;
  const doubt =
    other && `read as ${importer.name} as told, but ${other.why}, as ${other.importer.name} writes them`;
  return { format: importer.name, forced: true, why, doubts: doubt === undefined ? [] : [doubt] };
}

/** Best first. A look at some of the lines suffices where one format has nearly all of them, and no other comes near. */
function ranked(importers: readonly Importer[], head: TraceHead): Candidate[] {
  const [best, rival, ...others] = rankedBy(importers, sampleOf(head));
  const isSure = best !== undefined && best.score >= SURE && !((rival?.score ?? 0) >= best.score * RIVAL);
  if (!isSure) return rankedBy(importers, head);
  const whole = { ...best, ...best.importer.sniff(head) };
  return rival === undefined ? [whole] : [whole, rival, ...others];
}

/** Those of equal score in the order of the table. */
function rankedBy(importers: readonly Importer[], head: TraceHead): Candidate[] {
  return importers
    .map((importer) => ({ importer, ...importer.sniff(head) }))
    .sort((a, b) => b.score - a.score);
}

function doubtsAbout(best: Candidate, rival: Candidate | undefined): string[] {
  const { importer, score, why } = best;
  const doubts: string[] = [];
  if (rival !== undefined && rival.score >= score * RIVAL) {
    const name = rival.importer.name;
    const how = rival.score === score ? 'as well' : 'nearly as well';
    doubts.push(
      `read as ${importer.name} (${why}), but ${name} fits ${how} (${rival.why}): if it is that, add --format ${name}`,
    );
  }
  if (score < GUESS)
    doubts.push(
      `read as ${importer.name}, though only ${why}: if it is something else, name it with --format`,
    );
  return doubts;
}
