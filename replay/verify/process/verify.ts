/** A program's recording replayed, against what a real kernel did with it. */

import type { Batch } from '../../../core/event/batch.ts';
import { bootMachine, type Layout, type MachineOptions, UsageError } from '../../../core/index.ts';
import { type FilePart, importTrace, latin1Bytes, type TraceMark } from '../../../traces/index.ts';
import { missingIn, type ProgramCapture, type Recording, recordingOf } from './capture.ts';
import { figuresOf, type ProgramFigures, pairsOf } from './compare.ts';
import { disagreementsOf, faultsByMapping, type MappingFaults, type ProgramDisagreement } from './explain.ts';
import { type Prediction, Predictor } from './predict.ts';
import { faultsIn, type Snapshot, snapshotsIn } from './truth.ts';

export interface ProgramVerification extends ProgramFigures {
  readonly program: string;
  /** What was replayed: a file and its format. */
  readonly recording: string;
  readonly format: Recording['format'];
  readonly layout: string;
  readonly snapshots: number;
  /** Snapshots of moments that the recording has not. */
  readonly snapshotsWithoutMoment: readonly string[];
  readonly faultsByMapping: readonly MappingFaults[];
  /** The first of each kind. */
  readonly disagreements: readonly ProgramDisagreement[];
  readonly warnings: readonly string[];
}

export interface ProgramMachine {
  readonly layout: Layout;
  readonly options: MachineOptions;
}

/** @param truth the same capture, or that of another layout */
export async function verifyProgram(
  capture: ProgramCapture,
  truth: ProgramCapture,
  machine: ProgramMachine,
  first: number,
): Promise<ProgramVerification> {
  const recording = recordingOf(capture);
  if (recording === undefined) throw new UsageError(`${capture.name}: found ${missingIn(capture)}`);
  const snapshots = snapshotsOf(truth);
  const faults = faultsIn(truth.files.faults?.text ?? '');
  const imported = await imports(recording);
  const isCompat = isOfCompat(machine.layout, snapshots);
  const prediction = predictionOf(machine, imported, isCompat);
  const pairs = pairsOf(snapshots, prediction.moments);
  const { files } = imported;
  return {
    program: capture.name,
    recording: recording.trace.name,
    format: recording.format,
    layout: machine.layout.name,
    ...figuresOf(pairs, files, faults, prediction),
    snapshots: snapshots.length,
    snapshotsWithoutMoment: pairs.filter(({ predicted }) => !predicted).map(({ truth: { label } }) => label),
    faultsByMapping: faultsByMapping(faults, prediction.faults, snapshots),
    disagreements: disagreementsOf(pairs, files, faults, prediction.faults, first),
    warnings: [
      ...new Set([capture, truth].flatMap(({ warnings = [] }) => warnings)),
      ...imported.warnings,
      ...(isCompat ? [COMPAT] : []),
    ],
  };
}

const COMPAT =
  'the truth is of a 32-bit program under a 64-bit kernel: position-independent programs lie where that puts them, and ' +
  'its page tables are counted';

function snapshotsOf({ name, files }: ProgramCapture): Snapshot[] {
  if (files.snapshots === undefined || files.faults === undefined)
    throw new UsageError(
      `${name}: found no ${files.snapshots === undefined ? 'snapshots' : 'trace of page faults'}, expected what the kernel ` +
        'really did: snapshots of the processes ("=== 000 exit pid N", "--- maps"), and their page faults; --truth names ' +
        'a folder with both',
    );
  return snapshotsIn(files.snapshots.text);
}

interface Imported {
  readonly batches: readonly Batch[];
  readonly marks: readonly TraceMark[];
  readonly files: readonly FilePart[];
  readonly warnings: readonly string[];
}

async function imports({ format, trace, beside }: Recording): Promise<Imported> {
  const batches: Batch[] = [];
  const write = async (batch: Batch): Promise<void> => {
    batches.push(batch);
  };
  const request = { name: trace.name, blocks: oneBlock(trace.text), from: format, beside };
  const { notes = {}, warnings } = await importTrace(request, { write });
  return { batches, marks: notes.marks as TraceMark[], files: notes.files as FilePart[], warnings };
}

async function* oneBlock(text: string): AsyncGenerator<Uint8Array> {
  yield latin1Bytes(text);
}

function predictionOf({ layout, options }: ProgramMachine, imported: Imported, compat: boolean): Prediction {
  const machine = bootMachine(layout, { ...options, compat });
  return new Predictor(machine, compat).run(imported.batches, imported.marks);
}

/** TASK_UNMAPPED_BASE of 3 GiB, and 16 MiB (COMPAT_ELF_ET_DYN_BASE): where no 32-bit kernel puts a program. */
const COMPAT_PIE = 0x4100_0000n;

function isOfCompat({ arch }: Layout, [first]: readonly Snapshot[]): boolean {
  return arch.wordBits === 32 && first?.maps[0]?.start === COMPAT_PIE;
}
