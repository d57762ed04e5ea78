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

/** Intel SDM vol. 3A, 4.7: P, W/R, U/S, I/D. */
export const X86_FAULT_CODES: FaultCodeFormat = { present: 1, write: 2, user: 4, fetch: 16 };

/** ARM Architecture Reference Manual ARMv7-A, B3.12 and ARMv8-A, D5.11: the status of FSR and ESR. */
export const ARM_FAULT_CODES: FaultCodeFormat = {
  ...X86_FAULT_CODES,
  names: { absent: 'translation fault', forbidden: 'permission fault' },
};
/** VAX Architecture Reference Manual, ch. 5. */
export const VAX_FAULT_CODES: FaultCodeFormat = {
  ...X86_FAULT_CODES,
  names: { absent: 'translation not valid fault', forbidden: 'access control violation fault' },
};
/** Intel Itanium Architecture SDM vol. 2, 5.6 and 8.3. */
export const IA64_FAULT_CODES: FaultCodeFormat = {
  ...X86_FAULT_CODES,
  names: { absent: 'page not present fault', forbidden: 'access rights fault' },
};

export function encodeFault(format: FaultCodeFormat, cause: FaultCause): number {
  const bit = (name: keyof FaultCause): number => (cause[name] ? format[name] : 0);
  return bit('present') | bit('write') | bit('user') | bit('fetch');
}

export function decodeFault(format: FaultCodeFormat, code: number): FaultCause {
  const has = (name: keyof FaultCause): boolean => (code & format[name]) !== 0;
  return { present: has('present'), write: has('write'), user: has('user'), fetch: has('fetch') };
}
