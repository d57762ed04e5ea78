/** The error code of a page fault: what the hardware tells the kernel of an access, and the kernel of it. */

/** Why an access faulted. */
export interface FaultCause {
  /** The page is present, and forbids the access. */
  readonly present: boolean;
  readonly write: boolean;
  /** By user mode. */
  readonly user: boolean;
  /** An instruction fetch, where entries can forbid execution. */
  readonly fetch: boolean;
}

/** Bits of a code that are set for each cause. */
export interface FaultCodeFormat extends Readonly<Record<keyof FaultCause, number>> {
  /**
   * Where faults have names and no such code (a vector or a status register of another form): the bits are then only how
   * a cause is kept, and the names are told.
   */
  readonly names?: { readonly absent: string; readonly forbidden: string };
}

/** A code that the hardware pushes: P, W/R, U/S, I/D (Intel SDM vol. 3A, 4.7). */
export const CODE_FAULTS: FaultCodeFormat = { present: 1, write: 2, user: 4, fetch: 16 };

/** Faults by their names. */
export function namedFaults(names: NonNullable<FaultCodeFormat['names']>): FaultCodeFormat {
  return { ...CODE_FAULTS, names };
}

export function encodeFault(format: FaultCodeFormat, cause: FaultCause): number {
  const bit = (name: keyof FaultCause): number => (cause[name] ? format[name] : 0);
  return bit('present') | bit('write') | bit('user') | bit('fetch');
}

export function decodeFault(format: FaultCodeFormat, code: number): FaultCause {
  const has = (name: keyof FaultCause): boolean => (code & format[name]) !== 0;
  return { present: has('present'), write: has('write'), user: has('user'), fetch: has('fetch') };
}
