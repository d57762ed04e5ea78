/** The options of a workload, from its table: what may be set, in which range, and what it means. */
import { useSignal } from '@preact/signals';
import { sizeText } from '../../../../spec/values.ts';
import type { WorkloadFacts } from '../../../engine/catalog.ts';
import { openAnew } from '../../state/brought.ts';
import { engine } from '../../state/engine.ts';
import { countText } from '../numbers.ts';

interface Field {
  readonly name: string;
  readonly usual: string;
  readonly range: string;
  readonly doc: string;
}

export function WorkloadForm({ facts }: { readonly facts: WorkloadFacts }) {
  const typed = useSignal<Readonly<Record<string, string>>>({});
  const faults = useSignal<Readonly<Record<string, string>>>({});
  const set = (name: string, value: string) => {
    typed.value = { ...typed.value, [name]: value };
  };
  const open = async (): Promise<void> => {
    const { seed = '', events = '', ...options } = typed.value;
    const checked = await engine.checkWorkload({ workload: facts.name, seed, events, options });
    faults.value = checked.faults;
    if (checked.run !== undefined) await openAnew(checked.run);
  };
  return (
    <form
      class="workload-form"
      aria-label={`Options of ${facts.name}`}
      onSubmit={(event) => {
        event.preventDefault();
        void open();
      }}
    >
      <p>{facts.doc}</p>
      {fieldsOf(facts).map((field) => (
        <FieldRow
          key={field.name}
          field={field}
          value={typed.value[field.name] ?? ''}
          fault={faults.value[field.name]}
          set={set}
        />
      ))}
      <button type="submit" class="primary">
        Open {facts.name}
      </button>
    </form>
  );
}

function fieldsOf({ defaultSeed, defaultEvents, options }: WorkloadFacts): Field[] {
  return [
    {
      name: 'seed',
      usual: String(defaultSeed),
      range: 'a whole number',
      doc: 'the same seed makes the same events',
    },
    { name: 'events', usual: countText(defaultEvents), range: '1 or more', doc: 'how many' },
    ...options.map(({ name, default: usual, unit, min, max, doc }) => {
      const text = unit === 'bytes' ? sizeText : String;
      const range = unit === 'bytes' ? 'bytes, or with K, M or G' : unit;
      return { name, usual: text(usual), range: `${text(min)} to ${text(max)} ${range}`.trim(), doc };
    }),
  ];
}

interface FieldRowProps {
  readonly field: Field;
  readonly value: string;
  readonly fault: string | undefined;
  set(name: string, value: string): void;
}

function FieldRow({ field: { name, usual, range, doc }, value, fault, set }: FieldRowProps) {
  const id = `workload-${name}`;
  return (
    <div class="workload-field">
      <label for={id}>{name}</label>
      <input
        id={id}
        value={value}
        placeholder={usual}
        inputMode="decimal"
        aria-invalid={fault !== undefined}
        aria-describedby={`${id}-doc`}
        onInput={({ currentTarget }) => set(name, currentTarget.value)}
      />
      <p id={`${id}-doc`} class="muted">
        {fault !== undefined && <span class="bad">{fault}. </span>}
        {doc} ({range})
      </p>
    </div>
  );
}
