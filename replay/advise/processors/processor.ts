/** What of the advice is a processor's own: where its kernels have modules, what they can be built as, what helps there. */
import type { Dialect } from '../../../core/index.ts';
import type { Rule } from '../cures/rules.ts';

/** A window of modules apart from that of vmalloc. */
export interface ModuleWindow {
  /** Where it lies, beside the kernel image: `16 MiB below PAGE_OFFSET`; undefined: there is no more to say. */
  readonly place?: string;
  /** Whether addresses that a failure names are this window's; undefined: that does not show. */
  holds?(start: bigint, end: bigint): boolean | undefined;
  /** It is much smaller than that of vmalloc: a loader of modules that finds no room lacked it there. */
  readonly isFullFirst?: boolean;
  readonly cure: Rule;
}

export interface ProcessorAdvice {
  readonly dialect: Dialect;
  /** Undefined: modules lie in the vmalloc window. */
  readonly modules?: ModuleWindow;
  /** Against modules that lie too far from the kernel. */
  readonly farModules?: Rule;
  /** Another build with a larger kmap window. */
  readonly largerKmap?: Rule;
  /** The layout of a 64-bit kernel on machines of this kind; undefined: it is one. */
  readonly widerLayout?: string;
}
