/**
 * What a fleet passes around. A job is some runs that one replay serves, as data: run specifications, the texts that they
 * name, and the SHA-256 of traces, by the names that they have where the sweep was asked for. Names are labels: nobody opens
 * a file by one. Its number is a SHA-256 of all of it, so that a job asked for twice is one.
 */
import { createHash } from 'node:crypto';
import { promisify } from 'node:util';
import { gunzip, gzip } from 'node:zlib';
import { UsageError } from '../../../core/base/errors.ts';
import type { RunResult } from '../../run/carry-out.ts';
import { RESULTS_VERSION } from '../../run/results-version.ts';
import { isWorkload, type RunFiles, type RunSpec, runSpecFrom, runSpecToJson } from '../../spec/index.ts';
import { canonicalJson } from '../../sweep/index.ts';

export interface Job {
  /** Of who asks: program and results. A worker of another one leaves it alone. */
  readonly version: string;
  readonly runs: readonly RunSpec[];
  /** By the names of files in the runs. */
  readonly texts: Readonly<Record<string, string>>;
  /** By the names in the runs: 64 hexadecimal digits. */
  readonly traces: Readonly<Record<string, string>>;
}

/** What becomes of a job: a result for each run, undefined where its machine takes another course (`carryOutPass`). */
export type Outcome =
  | { readonly results: readonly (RunResult | undefined)[] }
  /** Machines that cannot be. */
  | { readonly refused: string };

/** `0.1.0/1` */
export function versionOf(program: string): string {
  return `${program}/${RESULTS_VERSION}`;
}

export const DIGEST = /^[0-9a-f]{64}$/;

export function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

export function jobNumber({ version, runs, texts, traces }: Job): string {
  return sha256(canonicalJson({ version, runs: runs.map(runSpecToJson), texts, traces }));
}

export function jobToJson({ runs, ...job }: Job): object {
  return { ...job, runs: runs.map(runSpecToJson) };
}

/** Throws a UsageError for what is no job. */
export function jobFrom(json: unknown): Job {
  const place = 'a job of the queue';
  if (!isRecord(json) || typeof json.version !== 'string' || !Array.isArray(json.runs))
    throw new UsageError(
      `${place}: found no run specifications, expected what \`vmsplit sweep --redis\` puts there`,
    );
  const texts = stringsOf(json.texts, place, () => true);
  const traces = stringsOf(json.traces, place, (digest) => DIGEST.test(digest));
  return { version: json.version, texts, traces, runs: json.runs.map((run) => runSpecFrom(run, place)) };
}

function stringsOf(value: unknown, place: string, isGood: (text: string) => boolean): Record<string, string> {
  const entries = isRecord(value) ? Object.entries(value) : [];
  for (const [name, text] of entries)
    if (typeof text !== 'string' || !isGood(text))
      throw new UsageError(
        `${place}: found ${JSON.stringify(text)} for ${name}, expected 64 hexadecimal digits`,
      );
  return Object.fromEntries(entries) as Record<string, string>;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** A job for these runs; reads the texts that they name. `digest`: SHA-256 of a file. */
export async function jobFor(
  version: string,
  runs: readonly RunSpec[],
  files: Pick<RunFiles, 'text'> & { digest(path: string): Promise<string> },
): Promise<Job> {
  const texts: Record<string, string> = {};
  const traces: Record<string, string> = {};
  for (const { events, machine, lanes } of runs) {
    if (!isWorkload(events)) traces[events.trace] ??= await files.digest(events.trace);
    for (const { layout = '', memoryMap, mmu } of [{ ...machine, layout: '' }, ...lanes]) {
      const named = [layout, mmu].filter((name) => name?.endsWith('.json')) as string[];
      for (const name of [...named, ...(memoryMap === undefined ? [] : [memoryMap])])
        texts[name] ??= await files.text(name, 'a text of the run');
    }
  }
  return { version, runs, texts, traces };
}

const pack = promisify(gzip);
const unpack = promisify(gunzip);
/** Far above what a pass of 128 points comes to. */
const MOST_BYTES = 2 ** 28;

export async function outcomeToText(outcome: Outcome): Promise<string> {
  const text = JSON.stringify(outcome);
  return `${exactDigest(outcome)} ${(await pack(text)).toString('base64')}`;
}

/** Throws a UsageError for what is no outcome, or of another number of runs. */
export async function outcomeFrom(text: string, nrRuns: number): Promise<Outcome> {
  const outcome: unknown = JSON.parse(
    (
      await unpack(Buffer.from(text.slice(text.indexOf(' ') + 1), 'base64'), { maxOutputLength: MOST_BYTES })
    ).toString(),
  );
  if (isRecord(outcome) && typeof outcome.refused === 'string') return { refused: outcome.refused };
  if (isRecord(outcome) && Array.isArray(outcome.results) && outcome.results.length === nrRuns)
    return { results: outcome.results.map((result: RunResult | null) => result ?? undefined) };
  throw new UsageError(
    `a result of the queue: found no results of ${nrRuns} runs, expected what a worker sends`,
  );
}

/** Equal for outcomes of one job wherever it is done: all but wall times counts. */
export function exactDigest(outcome: Outcome): string {
  const exact = JSON.stringify(outcome, (key, part: unknown) =>
    key === 'elapsedMs' || key === 'eventsPerSecond' ? 0 : part,
  );
  return sha256(canonicalJson(JSON.parse(exact)));
}
