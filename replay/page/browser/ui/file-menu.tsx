/** What can be done with files: another one opened, this run kept. */
import { useRef } from 'preact/hooks';
import { choosing } from '../state/brought.ts';
import { savePage, saveTrace } from '../state/save.ts';
import { run } from '../state/store.ts';
import './file-menu.css';

export function FileMenu() {
  const menu = useRef<HTMLDetailsElement>(null);
  const act = (work: () => unknown) => () => {
    menu.current!.open = false;
    void work();
  };
  return (
    <details
      ref={menu}
      class="file-menu"
      onFocusOut={({ relatedTarget, currentTarget }) => {
        if (!currentTarget.contains(relatedTarget as Node | null)) currentTarget.open = false;
      }}
      onKeyDown={({ key, currentTarget }) => {
        if (key === 'Escape') currentTarget.open = false;
      }}
    >
      <summary>File</summary>
      <div>
        <button type="button" class="plain" onClick={act(() => (choosing.value = true))}>
          Open something else
        </button>
        <button type="button" class="plain" onClick={act(savePage)}>
          Save this page with its run
        </button>
        {run.value?.trace !== undefined && (
          <button type="button" class="plain" onClick={act(saveTrace)}>
            Save the trace (.vmt)
          </button>
        )}
      </div>
    </details>
  );
}
