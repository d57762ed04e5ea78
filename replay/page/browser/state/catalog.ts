/** What the engine has to offer, which it tells once. */
import { signal } from '@preact/signals';
import type { Catalog } from '../../engine/catalog.ts';
import { engine } from './engine.ts';

export const catalog = signal<Catalog | undefined>(undefined);

export async function askForCatalog(): Promise<void> {
  catalog.value = await engine.catalog();
}
