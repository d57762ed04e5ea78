import type { KernelVerification } from './verify.ts';
/** With ANSI colours or without. */
export declare function verificationText(result: KernelVerification, { colors }?: {
    colors?: boolean | undefined;
}): string;
