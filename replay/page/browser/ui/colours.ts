/** Colours of the style sheet, for canvases, which know of no variables. */
import { signal } from '@preact/signals';
import { theme } from '../state/theme.ts';
import { LANE_COLOURS } from './lanes.tsx';

const probe = document.createElement('span');
probe.hidden = true;

/** Under the theme that they were asked for in: to ask the browser takes it as long as to draw a hundred cells. */
const known = new Map<string, string>();

/** The colour that a variable stands for, under the present theme. */
export function colourOf(variable: string): string {
  const key = `${theme.peek()} ${ofSystem.peek()} ${variable}`;
  const colour = known.get(key) ?? computedColour(variable);
  known.set(key, colour);
  return colour;
}

function computedColour(variable: string): string {
  if (!probe.isConnected) document.body.append(probe);
  probe.style.color = `var(${variable})`;
  return getComputedStyle(probe).color;
}

export function laneColour(lane: number): string {
  return colourOf(`--lane-${lane % LANE_COLOURS}`);
}

const systemDark = matchMedia('(prefers-color-scheme: dark)');
const ofSystem = signal(systemDark.matches);
systemDark.addEventListener('change', ({ matches }) => (ofSystem.value = matches));

/** Changes when colours do: who draws on a canvas draws anew. */
export function colourScheme(): string {
  return `${theme.value} ${ofSystem.value}`;
}
