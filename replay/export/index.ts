/** The exporters, and the one way to them by name. */
import { UsageError } from '../../core/base/errors.ts';
import { nearest } from '../../core/base/nearest.ts';
import type { Exporter } from './exporter.ts';
import { lackey } from './lackey.ts';
import { maps } from './maps.ts';
import { perfetto } from './perfetto/perfetto.ts';
import { strace } from './strace.ts';
import { csv, ndjson, parquet } from './tables.ts';

export { type Exporter, type ExportInput, ExportTally } from './exporter.ts';
export type { Compression } from './parquet/file.ts';

/** The formats that a trace can be written in, one exporter each. */
export const EXPORTERS: readonly Exporter[] = [parquet, ndjson, csv, perfetto, lackey, strace, maps];

/** The exporter of this name; UsageError when there is none. */
export function exporterNamed(name: string): Exporter {
  const found = EXPORTERS.find((exporter) => exporter.name === name);
  if (found !== undefined) return found;
  const names = EXPORTERS.map((exporter) => exporter.name);
  const near = nearest(name, names);
  const hint = near === undefined ? '' : `; did you mean ${near}?`;
  throw new UsageError(`found format '${name}', expected one of ${names.join(', ')}${hint}`);
}
