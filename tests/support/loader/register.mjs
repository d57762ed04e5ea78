/** Before any test: TypeScript is read as Node reads JavaScript. */
import { register } from 'node:module';

process.setSourceMapsEnabled(true);
register('./typescript.mjs', import.meta.url);
