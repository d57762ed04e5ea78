/** `vmsplit verify pressure`: does a machine short of memory do what a booted kernel did? */
import { reproduceLine } from '../../spec/index.ts';
import {
  type CaptureVerification,
  pressureVerification,
  pressureVerificationText,
  verifyPressure,
} from '../../verify/index.ts';
import { pressureCaptures } from '../files/pressure-captures.ts';
import { breathe } from '../files/trace-output.ts';
import type { Terminal } from '../terminal/terminal.ts';

export interface VerifyPressureArguments {
  readonly script?: string;
  readonly atLeast?: number;
  readonly json?: true;
}

export async function verifyPressureCaptures(
  terminal: Terminal,
  paths: readonly string[],
  { script, atLeast, json }: VerifyPressureArguments,
): Promise<void> {
  const captures: CaptureVerification[] = [];
  for (const capture of await pressureCaptures(paths, script)) {
    captures.push(verifyPressure(capture));
    await breathe(terminal);
  }
  const result = pressureVerification(captures, atLeast);
  const args = [
    'pressure',
    ...paths,
    ...(script === undefined ? [] : ['--script', script]),
    ...(atLeast === undefined ? [] : ['--at-least', String(atLeast)]),
  ];
  const reproduce = reproduceLine('verify', args);
  if (json) terminal.printJson({ ...result, reproduce });
  else {
    const { width, colors } = terminal;
    const text = pressureVerificationText(result, { colors: colors.isColorSupported, width });
    terminal.print(text.trimEnd());
    terminal.print(`reproduce: ${reproduce}`);
  }
  if (!result.agrees) terminal.exitCode = 1;
}
