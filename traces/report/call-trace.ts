/** Call traces: symbols as %pS prints them, and those of unwinders that tell who called in a form of their own. */
/** `warn_alloc+0x1a0/0x1c0`, of 2.6 also `__alloc_pages+458/864`. */
const SYMBOL = /\b([A-Za-z_][\w.]{1,80})\+(?:0x[0-9a-f]{1,6}\/0x[0-9a-f]{1,6}|\d{1,6}\/\d{1,6})/g;
/** `[<c0324df4>] (warn_alloc) from [<c0320340>] (...)`, since 5.11 `warn_alloc from __vmalloc_node_range+0x1b0/0x294`. */
const UNWOUND = /(?:^|\] )\s{0,4}\(?([A-Za-z_][\w.]{1,80})(?:\+0x[0-9a-f]{1,6}\/0x[0-9a-f]{1,6})?\)? from /;

/** The functions of a line, innermost first; none for another kind of line. */
export function functionsIn(text: string): string[] {
  if (!text.includes('+') && !text.includes(' from ')) return [];
  const symbols = [...text.matchAll(SYMBOL)].map(([, name]) => name!);
  const unwound = UNWOUND.exec(text)?.[1];
  return unwound === undefined || symbols[0] === unwound ? symbols : [unwound, ...symbols];
}
