/** Every property test draws from one seed: VMSPLIT_SEED, or 1. A failure prints it. */
import fc from 'fast-check';

fc.configureGlobal({ seed: Number(process.env.VMSPLIT_SEED ?? 1) });
