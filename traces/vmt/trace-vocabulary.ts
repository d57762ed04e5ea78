/**
 * The event kinds of a trace against those of this vmsplit. The header says in which column each field of a kind lies;
 * where that is not as here, columns are moved, and what this vmsplit cannot know is refused.
 */
import { type Batch, newBatch } from '../../core/event/batch.ts';
import type { FieldColumn } from '../../core/event/kind-row.ts';
import { KIND_CODES, type Kind, kindOf } from '../../core/event/vocabulary.ts';
import { Fault, NewerFault } from '../base/errors.ts';
import type { KindEntry } from './format.ts';

export const FIELD_COLUMNS: readonly FieldColumn[] = ['object', 'a', 'b', 'c'];

/** For each of our columns the trace's column of the same field; undefined: no field of the trace, so 0. */
type Move = readonly (FieldColumn | undefined)[];

export interface VocabularyOptions {
  /** Let kinds pass that this vmsplit, or even the header, does not know, as they are: for those who only count. */
  readonly unknownKinds?: boolean;
}

export class TraceVocabulary {
  /** By code: 1 when events of the kind cannot be taken as they are. */
  readonly odd = new Uint8Array(KIND_CODES);
  private readonly kinds: Readonly<Record<string, KindEntry>>;
  private readonly unknownKinds: boolean;
  private readonly moves = new Map<number, Move>();

  constructor(kinds: Readonly<Record<string, KindEntry>>, { unknownKinds = false }: VocabularyOptions = {}) {
    this.kinds = kinds;
    this.unknownKinds = unknownKinds;
    if (!unknownKinds) this.odd.fill(1);
    for (const [code, entry] of Object.entries(kinds))
      this.odd[Number(code)] = this.isOdd(Number(code), entry) ? 1 : 0;
  }

  private isOdd(code: number, entry: KindEntry): boolean {
    const kind = kindOf(code);
    if (kind === undefined) return !this.unknownKinds;
    return (
      Object.keys(entry.fields).length !== kind.fields.length ||
      kind.fields.some(({ name, column }) => entry.fields[name] !== column)
    );
  }

  /** A batch with odd events in it, as this vmsplit has them. Faults: those that it cannot have. */
  translate(batch: Batch): Batch {
    const { count, kind, cpu, thinkNs } = batch;
    const columns = FIELD_COLUMNS.map((column) => batch[column].slice(0, count));
    for (let i = 0; i < count; i++) {
      if (this.odd[kind[i]!] === 0) continue;
      const move = this.moveOf(kind[i]!);
      const values = move.map((from) => (from === undefined ? 0 : batch[from][i]!));
      this.checkUnnamed(kind[i]!, batch, i);
      for (const [to, value] of values.entries()) columns[to]![i] = value;
    }
    const [object, a, b, c] = columns as [Uint32Array, Uint32Array, Uint32Array, Uint32Array];
    return newBatch(count, { kind, cpu, thinkNs, object, a, b, c });
  }

  /** A value in a column that no field of the trace names means something that nobody knows. */
  checkUnnamed(code: number, batch: Batch, at: number): void {
    const { name, fields } = this.kinds[code]!;
    const named = Object.values(fields);
    const stray = FIELD_COLUMNS.find((column) => batch[column][at] !== 0 && !named.includes(column));
    if (stray !== undefined)
      throw new Fault(
        `${batch[stray][at]} in column ${stray} of an event ${name}`,
        'a value only in columns that a field names in the header',
      );
  }

  private moveOf(code: number): Move {
    const known = this.moves.get(code);
    if (known !== undefined) return known;
    const move = this.newMove(code);
    this.moves.set(code, move);
    return move;
  }

  private newMove(code: number): Move {
    const entry = this.kinds[code];
    if (entry === undefined) throw new Fault(`an event of kind ${code}`, 'kinds that the header names');
    const kind = kindOf(code);
    if (kind === undefined) throw new NewerFault(`an event ${entry.name}`, 'kinds that this vmsplit knows');
    checkFieldsKnown(entry, kind);
    return FIELD_COLUMNS.map((column) => {
      const field = kind.fields.find((ours) => ours.column === column);
      return field && (entry.fields[field.name] as FieldColumn | undefined);
    });
  }
}

function checkFieldsKnown({ fields }: KindEntry, kind: Kind): void {
  const unknown = Object.keys(fields).find((name) => !kind.fields.some((field) => field.name === name));
  if (unknown !== undefined)
    throw new NewerFault(
      `an event ${kind.name} with a field ${JSON.stringify(unknown)}`,
      `fields that this vmsplit knows: ${kind.fields.map(({ name }) => name).join(', ')}`,
    );
}
