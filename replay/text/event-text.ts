/** An event in a line: `vmalloc(object 17, 2.0 MiB)`. */
import type { NumberText } from '../../core/event/field-types.ts';
import type { MemoryEvent } from '../../core/event/kinds.ts';
import { kindNamed, kindOf } from '../../core/event/vocabulary.ts';
import { formatBytes, hexOf } from './units.ts';

const WRITE: NumberText = {
  bytes: formatBytes,
  hex: hexOf,
  kind: (code) => kindOf(code)?.name ?? `kind ${code}`,
};

/** `vmalloc(object 793, 3.5 MiB)`. */
export function describeEvent(event: MemoryEvent): string {
  const values = event as unknown as Readonly<Record<string, number>>;
  const fields = kindNamed(event.kind)!.fields.map(({ name, type }) => type.text(values[name]!, WRITE));
  return `${event.kind}(${fields.filter((text) => text !== '').join(', ')})`;
}
