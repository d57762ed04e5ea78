/** The family on ARM: Linux on boards, of 32 and of 64 bits. */
import { ARM, ARM_LPAE } from '../../arch/arm.ts';
import { ARM64_16K_47, ARM64_39, ARM64_48, ARM64_64K_48 } from '../../arch/arm64.ts';
import { LINUX_6_1 } from '../../kernel/linux-6.1.ts';
import type { Family } from '../family.ts';
import { CONTIGUOUS } from '../firmware/memory-map.ts';
import { BOOTED_ARM } from './booted-arm.ts';
import { BOOTED_ARM64 } from './booted-arm64.ts';

export const ARM_FAMILY: Family = {
  name: 'arm',
  kernel: LINUX_6_1,
  machine: CONTIGUOUS,
  ports: [
    ...[ARM, ARM_LPAE].map((arch) => ({ arch, booted: BOOTED_ARM })),
    ...[ARM64_39, ARM64_48, ARM64_16K_47, ARM64_64K_48].map((arch) => ({ arch, booted: BOOTED_ARM64 })),
  ],
};
