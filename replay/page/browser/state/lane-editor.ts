/** Lanes being changed: what is filled in, as fields and as text, and what is wrong with it. */
import { batch, computed, signal } from '@preact/signals';
import type { LaneDraft, LaneFault, LanesChecked } from '../../engine/lane-drafts.ts';
import { engine } from './engine.ts';
import { openRun } from './store.ts';

export const editing = signal(false);
export const drafts = signal<readonly LaneDraft[]>([]);
export const lanesAsText = signal('');
export const faults = signal<readonly LaneFault[]>([]);
/** The machines are tried, which takes a moment. */
export const trying = signal(false);

export const isWrong = computed(() => faults.value.length > 0);

export async function editLanes(): Promise<void> {
  drafts.value = await engine.lanes();
  faults.value = [];
  editing.value = true;
  await check();
}

export function setLane(lane: number, changed: Partial<LaneDraft>): void {
  drafts.value = drafts.value.map((draft, i) => (i === lane ? { ...draft, ...changed } : draft));
  void check();
}

export function setSetting(lane: number, flag: string, typed: string): void {
  const { settings } = drafts.value[lane]!;
  setLane(lane, { settings: { ...settings, [flag]: typed } });
}

export function copyLane(lane: number): void {
  const copies = [...drafts.value];
  copies.splice(lane + 1, 0, drafts.value[lane]!);
  drafts.value = copies;
  void check();
}

export function removeLane(lane: number): void {
  drafts.value = drafts.value.filter((_, i) => i !== lane);
  void check();
}

/** What is typed as text becomes the fields as soon as it can be read. */
export async function setText(text: string): Promise<void> {
  lanesAsText.value = text;
  const checked = await asked(text, false);
  if (checked === undefined || lanesAsText.value !== text) return;
  batch(() => {
    if (checked.drafts.length > 0) drafts.value = checked.drafts;
    faults.value = checked.faults;
  });
}

/** Opens the run anew with these lanes, at the same moment; what is wrong is told instead. */
export async function applyLanes(): Promise<void> {
  trying.value = true;
  const checked = await asked(drafts.value, true);
  trying.value = false;
  if (checked === undefined) return;
  faults.value = checked.faults;
  if (checked.run === undefined) return;
  editing.value = false;
  await openRun(checked.run);
}

async function check(): Promise<void> {
  const given = drafts.value;
  const checked = await asked(given, false);
  if (checked === undefined || drafts.value !== given) return; // typed on meanwhile
  batch(() => {
    faults.value = checked.faults;
    if (checked.text !== undefined) lanesAsText.value = checked.text;
  });
}

/** Undefined, and told: the engine has failed. */
async function asked(given: readonly LaneDraft[] | string, boot: boolean): Promise<LanesChecked | undefined> {
  try {
    return await engine.checkLanes(given, boot);
  } catch (error) {
    faults.value = [{ lane: undefined, field: undefined, message: (error as Error).message }];
    return undefined;
  }
}
