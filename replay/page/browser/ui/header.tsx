/** The top line: what is open, under which machines, and the switches of the page itself. */

import { editLanes } from '../state/lane-editor.ts';
import { helpOpen, opened } from '../state/store.ts';
import { nextTheme, theme } from '../state/theme.ts';
import { laneKey } from './lanes.tsx';
import './header.css';
import { FileMenu } from './file-menu.tsx';
import { ImportedButton } from './imported.tsx';
import { Pick } from './pick.tsx';

const THEME_NAMES = { system: 'system colours', light: 'light', dark: 'dark' };

export function Header() {
  const facts = opened.value;
  return (
    <header class="header">
      <h1>vmsplit{facts !== undefined && <span class="header-name">{facts.name}</span>}</h1>
      {facts !== undefined && (
        <ul class="header-lanes" aria-label="Lanes: the machines that the events run through">
          {facts.lanes.map((lane, i) => (
            <li key={lane.name} class={laneKey(i)} title={[lane.title, ...lane.notes].join('\n')}>
              {lane.name}
            </li>
          ))}
        </ul>
      )}
      {facts !== undefined && (
        <button type="button" class="no-print" onClick={() => void editLanes()}>
          What if
        </button>
      )}
      {facts !== undefined && <Pick />}
      <div class="header-switches no-print">
        <ImportedButton />
        {facts !== undefined && <FileMenu />}
        <button
          type="button"
          class="plain"
          onClick={nextTheme}
          aria-label={`Colours: ${THEME_NAMES[theme.value]}`}
        >
          {THEME_NAMES[theme.value]}
        </button>
        <button type="button" class="plain" onClick={() => (helpOpen.value = true)} aria-label="Keys">
          ?
        </button>
      </div>
    </header>
  );
}
