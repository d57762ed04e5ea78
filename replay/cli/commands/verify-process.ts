/** `vmsplit verify process`: do the simulated processes do what real ones did? */
import { UsageError } from '../../../core/index.ts';
import { lanesOf, type MachineSpec, optionArguments, reproduceLine } from '../../spec/index.ts';
import {
  type ProcessVerification,
  type ProgramCapture,
  type ProgramMachine,
  type ProgramVerification,
  processVerification,
  processVerificationText,
  type Snapshot,
  snapshotsIn,
  verifyProgram,
} from '../../verify/index.ts';
import { programCaptures, truthFor } from '../files/program-captures.ts';
import { runFiles } from '../files/run-files.ts';
import { breathe } from '../files/trace-output.ts';
import { type LayoutArguments, oneMachineOf } from '../options/machine-options.ts';
import type { Terminal } from '../terminal/terminal.ts';

export interface VerifyProcessArguments extends LayoutArguments {
  readonly truth?: string;
  readonly atLeast?: number;
  readonly first: number;
  readonly json?: true;
}

/** What the captured kernels have, unless the options say otherwise. */
const USUAL: MachineSpec = { ram: 2 ** 31, kernel: '6.18', thp: 'madvise', faultAround: 0x1_0000 };
/** Of small programs the pages of functions that glibc chooses by processor are some per cent of what is resident. */
const USUAL_PERCENT = 90;
export const USUAL_MACHINE = 'Linux 6.18 with 2G of RAM, --thp madvise, --fault-around 64K';
const LAYOUT_64 = 'linux-x86_64';
const LAYOUT_32 = 'linux-3g1g';
const END_OF_32_BITS = 2n ** 32n;
const LIBRARY = /\.so(\.[^/]*)?$/;

export async function verifyProcess(
  terminal: Terminal,
  paths: readonly string[],
  given: VerifyProcessArguments,
): Promise<void> {
  const captures = await programCaptures(paths);
  if (
    given.truth !== undefined &&
    captures.length > 1 &&
    given.layouts === undefined &&
    !given.legacyVaLayout
  )
    throw new UsageError(
      `--truth: found ${captures.length} programs, expected it with a layout, or one program`,
    );
  const programs: ProgramVerification[] = [];
  for (const capture of captures) {
    programs.push(await verifyOne(terminal, capture, given));
    await breathe(terminal);
  }
  report(terminal, processVerification(programs, given.atLeast ?? USUAL_PERCENT), paths, given);
}

async function verifyOne(
  terminal: Terminal,
  capture: ProgramCapture,
  given: VerifyProcessArguments,
): Promise<ProgramVerification> {
  const truth = given.truth === undefined ? capture : await truthFor(capture.name, given.truth);
  return verifyProgram(capture, truth, await machineFor(terminal, truth, given), given.first);
}

/** Without a layout the truth tells how wide its addresses are, and which way mappings go. */
async function machineFor(
  terminal: Terminal,
  { files }: ProgramCapture,
  given: VerifyProcessArguments,
): Promise<ProgramMachine> {
  const [first] = snapshotsIn(files.snapshots?.text ?? '');
  const end = first?.maps.find(({ name }) => name === '[stack]')?.end;
  const usual = end !== undefined && end <= END_OF_32_BITS ? LAYOUT_32 : LAYOUT_64;
  const found: MachineSpec =
    given.layouts === undefined && first !== undefined && mapsUpwards(first, end)
      ? { legacyVaLayout: true }
      : {};
  const { machine, lanes } = oneMachineOf('verify process', { ...USUAL, ...found, ...given }, usual);
  const [lane] = await lanesOf({ machine, lanes }, runFiles(terminal));
  return lane!;
}

/** Libraries lie in the lower half then, from a third of user space on, and in the upper one else. */
function mapsUpwards({ maps }: Snapshot, end: bigint | undefined): boolean {
  const library = maps.find(({ name }) => LIBRARY.test(name));
  return library !== undefined && end !== undefined && library.start < end / 2n;
}

function report(
  terminal: Terminal,
  result: ProcessVerification,
  paths: readonly string[],
  given: VerifyProcessArguments,
): void {
  const { layouts = [], truth } = given;
  const args = [
    'process',
    ...paths,
    ...(truth === undefined ? [] : ['--truth', truth]),
    ...layouts.flatMap((layout) => ['--layout', layout]),
    ...optionArguments(given),
    '--at-least',
    String(result.atLeastPercent),
  ];
  const reproduce = reproduceLine('verify', args);
  if (given.json) terminal.printJson({ ...result, reproduce });
  else {
    const { width, colors } = terminal;
    terminal.print(processVerificationText(result, { colors: colors.isColorSupported, width }).trimEnd());
    terminal.print(`reproduce: ${reproduce}`);
  }
  if (!result.agrees) terminal.exitCode = 1;
}
