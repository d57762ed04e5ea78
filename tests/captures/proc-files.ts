/**
 * Real reports of real kernels: files named as in /proc (also NAME.before, NAME.after), alone or several in one
 * text, anywhere below a folder. Searched: VMSPLIT_TRACES and VMSPLIT_ORACLE (and `raw` beside it), else the fixtures.
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { PROC_PARSERS, type ProcName, type ProcSection, procSections } from '../../traces/index.ts';

export interface ProcReport extends ProcSection {
  readonly kind: ProcName;
}

export const FIXTURES = join(import.meta.dirname, '../fixtures/proc');
const { VMSPLIT_TRACES, VMSPLIT_ORACLE } = process.env;

/** Reports of 6.18 kernels that were traced, and of the 6.1 kernels of the oracle. */
export const TRACED = VMSPLIT_TRACES ?? join(FIXTURES, 'linux-6.18');
export const CAPTURED = rawBeside(VMSPLIT_ORACLE) ?? join(FIXTURES, 'oracle');

/** The console captures lie in `raw/` beside or below the parsed machines. */
function rawBeside(oracle: string | undefined): string | undefined {
  if (oracle === undefined) return undefined;
  return [join(oracle, '../raw'), join(oracle, 'raw')].find((folder) => existsSync(folder));
}

/** Every report in every file of a folder. */
export function reportsIn(folder: string): ProcReport[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .sort()
    .flatMap((path) => reportsOf(join(folder, path)));
}

/** What a captured machine printed, by name of the report; undefined when its raw capture is not at hand. */
export function captureOf(machineId: string): ReadonlyMap<string, ProcReport> | undefined {
  const paths = [`${machineId}/data.txt.gz`, `${machineId}.txt.gz`].map((path) => join(CAPTURED, path));
  const path = paths.find((path) => existsSync(path));
  return path === undefined ? undefined : new Map(reportsOf(path).map((report) => [report.name, report]));
}

/** The reports that a file holds: none if it is something else. */
export function reportsOf(path: string): ProcReport[] {
  const name = basename(path);
  const kind = kindOf(name);
  if (kind !== undefined) {
    const place = { file: path, firstLine: 1 };
    return [{ label: undefined, name, kind, text: textOf(path), place }];
  }
  if (!/^(snaps|data|i386|x86_64).*\.txt(\.gz)?$/.test(name)) return [];
  return procSections(textOf(path), path).flatMap((section) => {
    const kind = kindOf(section.name);
    return kind === undefined ? [] : [{ ...section, kind }];
  });
}

/** `zoneinfo`, `zoneinfo_end`, `zoneinfo.before` are all a zoneinfo. */
function kindOf(name: string): ProcName | undefined {
  const kinds = Object.keys(PROC_PARSERS) as ProcName[];
  return kinds.find((kind) => name === kind || new RegExp(`^${kind}[._-][a-z_]+$`).test(name));
}

function textOf(path: string): string {
  const bytes = readFileSync(path);
  return (path.endsWith('.gz') ? gunzipSync(bytes) : bytes).toString('latin1');
}
