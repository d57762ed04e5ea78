/** The views that there are: a row each. */
import type { ComponentType } from 'preact';
import { QuizPane } from '../quiz/quiz-pane.tsx';
import { AddressSpaces } from './address-spaces.tsx';
import { Bookmarks } from './bookmarks.tsx';
import { Differences } from './differences.tsx';
import { Events } from './events.tsx';
import { Figures } from './figures.tsx';
import { KernelFiles } from './kernel-files.tsx';
import { NextEvent } from './next-event.tsx';
import { PhysicalMemory } from './physical-memory.tsx';
import { Walk } from './walk.tsx';

export interface Pane {
  readonly name: string;
  readonly title: string;
  /** Where it is best if there are three columns. */
  readonly column: 0 | 1 | 2;
  readonly View: ComponentType;
}

export const PANES: readonly Pane[] = [
  { name: 'events', title: 'Events', column: 0, View: Events },
  { name: 'differences', title: 'Differences', column: 0, View: Differences },
  { name: 'bookmarks', title: 'Bookmarks', column: 0, View: Bookmarks },
  { name: 'address-spaces', title: 'Address spaces', column: 1, View: AddressSpaces },
  { name: 'walk', title: 'Walk', column: 1, View: Walk },
  { name: 'event', title: 'This event', column: 1, View: NextEvent },
  { name: 'physical-memory', title: 'Physical memory', column: 2, View: PhysicalMemory },
  { name: 'figures', title: 'Figures', column: 2, View: Figures },
  { name: 'kernel-files', title: '/proc', column: 2, View: KernelFiles },
  { name: 'quiz', title: 'Quiz', column: 0, View: QuizPane },
];
