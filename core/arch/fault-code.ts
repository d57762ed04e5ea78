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
export type FaultCodeFormat = Readonly<Record<keyof FaultCause, number>>;

/** Intel SDM vol. 3A, 4.7: P, W/R, U/S, I/D. */
export const X86_FAULT_CODES: FaultCodeFormat = { present: 1, write: 2, user: 4, fetch: 16 };

export function encodeFault(format: FaultCodeFormat, cause: FaultCause): number {
  const bit = (name: keyof FaultCause): number => (cause[name] ? format[name] : 0);
  return bit('present') | bit('write') | bit('user') | bit('fetch');
}

export function decodeFault(format: FaultCodeFormat, code: number): FaultCause {
  const has = (name: keyof FaultCause): boolean => (code & format[name]) !== 0;
  return { present: has('present'), write: has('write'), user: has('user'), fetch: has('fetch') };
}
