/** The keys, and a list of them. */
import { useEffect, useRef } from 'preact/hooks';
import { helpOpen } from '../state/store.ts';
import { KEYS } from './keys.ts';

export function Help() {
  const dialog = useRef<HTMLDialogElement>(null);
  const isOpen = helpOpen.value;
  useEffect(() => {
    if (isOpen) dialog.current?.showModal();
    else dialog.current?.close();
  }, [isOpen]);
  return (
    <dialog ref={dialog} aria-label="Keys" onClose={() => (helpOpen.value = false)}>
      <h2>Keys</h2>
      <table>
        <tbody>
          {KEYS.map(({ name, does }) => (
            <tr key={name}>
              <th scope="row">
                <kbd>{name}</kbd>
              </th>
              <td>{does}</td>
            </tr>
          ))}
        </tbody>
      </table>
      <p class="muted">
        On the timeline: drag to travel, Shift and drag to zoom, double click to see all of it.
      </p>
      <p class="muted">
        On address spaces and maps of memory: arrows go from thing to thing, Enter picks or goes in, + and −
        zoom, 0 shows all; the wheel zooms address spaces, and with Ctrl maps.
      </p>
      <form method="dialog">
        <button type="submit">Close</button>
      </form>
    </dialog>
  );
}
