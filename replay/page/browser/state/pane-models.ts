/** Which models a pane has asked for, so that what it shows can be copied as data. */
import { createContext } from 'preact';

/** By the key of the question: the name of the model. */
export type PaneModels = Map<string, string>;

export const PaneContext = createContext<PaneModels | undefined>(undefined);
