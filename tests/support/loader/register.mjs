/** Before any test: TypeScript is read as Node reads JavaScript. */
import { register } from 'node:module';

register('./typescript.mjs', import.meta.url);
