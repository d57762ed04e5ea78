/** The programs of rolldown.config.ts; rolldown's own command line would print a line for each of their hundreds of files. */
import { build } from 'rolldown';
import { loadConfig } from 'rolldown/config';

await build(await loadConfig('rolldown.config.ts'));
