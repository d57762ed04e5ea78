/** Entry of the page. */
import { render } from 'preact';
import { askForCatalog } from './state/catalog.ts';
import { takeDrops } from './state/drop.ts';
import { embeddedRun } from './state/embedded.ts';
import { startEngine } from './state/engine.ts';
import { followFragment, keepLink } from './state/link.ts';
import { openRun, trouble } from './state/store.ts';
import { listenToKeys } from './ui/keys.ts';
import { Page } from './ui/page.tsx';

render(<Page />, document.getElementById('page')!);
listenToKeys();
takeDrops();
startEngine().catch((error: Error) => (trouble.value = `the engine does not start: ${error.message}`));
void askForCatalog();
const given = embeddedRun();
const { hash } = location;
const arrival = given === undefined ? Promise.resolve() : openRun(given).then(() => followFragment(hash));
void arrival.finally(keepLink);
