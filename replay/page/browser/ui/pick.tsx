/** One field for everything that can be picked by its name: an event, an address, a frame, an object, a process. */
import { useSignal } from '@preact/signals';
import { parseSelection, type Selection } from '../../models/selection.ts';
import { select } from '../state/store.ts';
import './pick.css';

export function Pick() {
  const text = useSignal('');
  const fault = useSignal<string | undefined>(undefined);
  const pick = (event: SubmitEvent): void => {
    event.preventDefault();
    try {
      select(selectionOf(text.value));
      fault.value = undefined;
      text.value = '';
    } catch (error) {
      fault.value = (error as Error).message;
    }
  };
  return (
    <form class="pick" onSubmit={pick}>
      <input
        id="pick"
        aria-label="Pick an event, address, frame, object or process"
        aria-invalid={fault.value !== undefined}
        aria-describedby="pick-fault"
        placeholder="Pick: 88538, 0xc1234567, frame:0x1234 …"
        title="88538: an event; 0xc1234567 or 0x8049000@3: an address, of a process; frame:0x1234, object:793, process:3"
        value={text.value}
        onInput={({ currentTarget }) => (text.value = currentTarget.value)}
      />
      <span id="pick-fault" class="bad">
        {fault.value}
      </span>
    </form>
  );
}

/** A number is an event, a hexadecimal one an address. Throws UsageError. */
function selectionOf(typed: string): Selection {
  const text = typed.trim().replace(/\s*[: ]\s*/, ':');
  if (/^[\d,. ']+$/.test(typed.trim())) return { kind: 'event', event: Number(typed.replace(/\D/g, '')) };
  return parseSelection(/^0x/i.test(text) ? `address:${text}` : text);
}
