/** The built-in layouts but for those that have nothing new beside others. */
import { layoutNames } from '../../core/layout/catalog/index.ts';

/** Kernels with two options that others have one by one: nothing new, but for their addresses. */
const COMBINED = /^linux-(.*-(opt|pae)|2g2g|1g3g)-nohighmem$|^linux-(2g2g|1g3g)-pae$/;
/** Of ARM's splits one stands for the others. */
const OTHER_SPLITS =
  /^linux-arm-(3g1g-opt|2g2g|1g3g)|^linux-arm-.*-lpae-nohighmem$|^linux-arm64-(48|16k-47)$/;

export const DISTINCT_LAYOUTS = layoutNames().filter(
  ({ name }) => !COMBINED.test(name) && !OTHER_SPLITS.test(name),
);
