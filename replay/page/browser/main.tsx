/** Entry of the page. */
import { render } from 'preact';
import { embeddedRun } from './state/embedded.ts';
import { startEngine } from './state/engine.ts';
import { openRun, trouble } from './state/store.ts';
import { listenToKeys } from './ui/keys.ts';
import { Page } from './ui/page.tsx';

render(<Page />, document.getElementById('page')!);
listenToKeys();
startEngine().catch((error: Error) => (trouble.value = `the engine does not start: ${error.message}`));
const given = embeddedRun();
if (given !== undefined) void openRun(given);
