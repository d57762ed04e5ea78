/** The options of the machines, from the engine's table: a new one appears by itself. */
import { useSignal } from '@preact/signals';
import type { OptionFacts } from '../../engine/lane-drafts.ts';
import { catalog } from '../state/catalog.ts';
import { drafts, faults, setSetting } from '../state/lane-editor.ts';

export function LaneFields() {
  const explained = useSignal<string | undefined>(undefined);
  return (
    <tbody>
      {catalog.value?.options.map((option) => (
        <tr key={option.flag}>
          <th scope="row" title={option.doc}>
            {option.flag}
            {explained.value === option.flag && <p class="lanes-doc">{option.doc}</p>}
          </th>
          {drafts.value.map(({ settings }, lane) => (
            <td key={lane} onFocusIn={() => (explained.value = option.flag)}>
              <Setting option={option} lane={lane} value={settings[option.flag] ?? ''} />
            </td>
          ))}
        </tr>
      ))}
    </tbody>
  );
}

interface SettingProps {
  readonly option: OptionFacts;
  readonly lane: number;
  readonly value: string;
}

function Setting({ option, lane, value }: SettingProps) {
  const { flag, suggestions, metavar } = option;
  const fault = faults.value.find((one) => one.lane === lane && one.field === flag)?.message;
  const id = `lane-${lane}-${flag}`;
  const choices = choicesOf(option);
  const common = {
    value,
    'aria-label': `${flag} of lane ${lane + 1}`,
    'aria-invalid': fault !== undefined,
    'aria-describedby': fault === undefined ? undefined : `${id}-fault`,
    onInput: ({ currentTarget }: { readonly currentTarget: { readonly value: string } }) =>
      setSetting(lane, flag, currentTarget.value),
  };
  return (
    <>
      {choices === undefined ? (
        <input
          {...common}
          spellcheck={false}
          placeholder={metavar}
          list={suggestions.length > 0 ? `${id}-list` : undefined}
        />
      ) : (
        <select {...common}>
          {['', ...choices].map((choice) => (
            <option key={choice} value={choice}>
              {choice}
            </option>
          ))}
        </select>
      )}
      {suggestions.length > 0 && (
        <datalist id={`${id}-list`}>
          {suggestions.map((one) => (
            <option key={one} value={one} />
          ))}
        </datalist>
      )}
      {fault !== undefined && (
        <p id={`${id}-fault`} class="bad" role="alert">
          {fault}
        </p>
      )}
    </>
  );
}

function choicesOf({ isSwitch, choices }: OptionFacts): readonly string[] | undefined {
  return isSwitch ? ['on', 'off'] : choices;
}
