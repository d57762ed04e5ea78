/**
 * What execve maps, for traces of which no line tells: from maps files beside the trace, else from the files of the
 * programs. Counts which, and what is missing.
 */
import { FaultImages } from './fault-images.ts';
import type { ImportInput, ImportResult } from './importer.ts';
import type { ExecEvidence, ProgramImage, ProgramImages } from './program-image.ts';

/** So many reasons are told; others are counted. */
const MOST_REASONS = 3;

export class ExecImages {
  readonly maps: FaultImages;
  private readonly programs: ProgramImages | undefined;
  /** How often, by the files that it is from; and by what is missing. */
  private readonly files = new Map<string, number>();
  private readonly missing = new Map<string, number>();

  constructor({ beside = [], programs }: Pick<ImportInput, 'beside' | 'programs'>) {
    this.maps = new FaultImages(beside);
    this.programs = programs;
  }

  /** @param path undefined where no line says it */
  imageOf(pid: number, path: string | undefined, evidence: ExecEvidence): ProgramImage | undefined {
    const mapped = this.maps.imageOf(pid, evidence.heapStart, path);
    return mapped ?? this.ofFile(path, evidence);
  }

  private ofFile(path: string | undefined, evidence: ExecEvidence): ProgramImage | undefined {
    if (this.programs === undefined) return undefined;
    const found = path === undefined ? 'no line names the program' : this.programs.imageOf(path, evidence);
    if (typeof found === 'string') {
      count(this.missing, found);
      return undefined;
    }
    count(this.files, found.files);
    for (const lack of found.lacks) count(this.missing, lack);
    return found.image;
  }

  /** Of the result of an import. */
  get images(): NonNullable<ImportResult['images']> {
    return Object.fromEntries(this.files);
  }

  warnings(): string[] {
    const { missing } = this;
    if (missing.size === 0) return [];
    const told = [...missing]
      .slice(0, MOST_REASONS)
      .map(([why, times]) => (times > 1 ? `${why} (${times} times)` : why));
    const others = missing.size - told.length;
    const reasons = others > 0 ? [...told, `and ${others} more`] : told;
    return [this.programs!.warningOf(reasons.join('; '))];
  }
}

function count(counts: Map<string, number>, what: string): void {
  counts.set(what, (counts.get(what) ?? 0) + 1);
}
