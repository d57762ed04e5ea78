/** What an ARM kernel is configured with unless it is told otherwise: as the captured kernels that were built plainly. */
import type { KernelBuild } from '../layout.ts';

const PLAIN: KernelBuild = {
  zoneDma: false,
  hugetlb: false,
  smallKernelPages: false,
  kmapLocalKeepsApart: false,
};

export function armBuild(given: Partial<KernelBuild> | undefined): KernelBuild {
  return { ...PLAIN, ...given };
}

/** arm64 always has the zones, and distributions have huge pages. */
export function arm64Build(given: Partial<KernelBuild> | undefined): KernelBuild {
  return { ...PLAIN, zoneDma: true, hugetlb: true, ...given };
}
