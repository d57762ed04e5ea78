/** The address spaces of the lanes side by side: on one scale those of a word size, so that they can be compared. */

import { useSignal } from '@preact/signals';
import { useMemo } from 'preact/hooks';
import type { AddressSpace } from '../../../models/address-space.ts';
import { commonRanges } from '../../../models/common-scale.ts';
import { type Scale, type ScaleRule, scaleOf } from '../../../models/scale.ts';
import { selectedByLane } from '../../state/selected.ts';
import { opened, selection } from '../../state/store.ts';
import { useModel } from '../../state/use-model.ts';
import { Answered } from '../answered.tsx';
import { laneKey } from '../lanes.tsx';
import { AddressKey } from '../spaces/address-key.tsx';
import { type HeldLens, held, lensOn, WHOLE } from '../spaces/lens.ts';
import { SpaceFigure } from '../spaces/space-figure.tsx';
import '../spaces/spaces.css';

export function AddressSpaces() {
  const chosen = useSignal<number | undefined>(undefined);
  const rule = useSignal<ScaleRule>('log');
  const pid = shownProcess(chosen.value);
  const answer = useModel('addressSpaces', pid === undefined ? {} : { pid });
  return (
    <Answered answer={answer}>
      {(spaces) => (
        <>
          <div class="choices no-print">
            <ProcessChoice spaces={spaces} onChoice={(next) => (chosen.value = next)} />
            <fieldset aria-label="Scale">
              {RULES.map(({ name, title }) => (
                <button
                  key={name}
                  type="button"
                  aria-pressed={rule.value === name}
                  onClick={() => (rule.value = name)}
                >
                  {title}
                </button>
              ))}
            </fieldset>
          </div>
          <Figures spaces={spaces} rule={rule.value} />
          <AddressKey selected={selectedByLane.value} />
        </>
      )}
    </Answered>
  );
}

/** One that has to do with what is picked; the one that was chosen, if it has. */
function shownProcess(chosen: number | undefined): number | undefined {
  const picked = selection.value;
  if (picked?.kind === 'process') return picked.pid;
  if (picked?.kind === 'address' && picked.pid !== undefined) return picked.pid;
  const linked = selectedByLane.value[0]?.linked;
  const isAmong = chosen !== undefined && linked?.processes.includes(chosen);
  return linked?.pid === undefined || isAmong ? chosen : linked.pid;
}

const RULES = [
  { name: 'log', title: 'Logarithmic' },
  { name: 'size', title: 'To size' },
] as const;

interface ProcessChoiceProps {
  readonly spaces: readonly AddressSpace[];
  onChoice(pid: number | undefined): void;
}

function ProcessChoice({ spaces, onChoice }: ProcessChoiceProps) {
  const pids = [...new Set(spaces.flatMap((space) => space.pids))].sort((a, b) => a - b);
  const shown = spaces.find(({ pid }) => pid !== undefined)?.pid;
  if (pids.length === 0) return <span class="muted">No process is alive: user space is empty.</span>;
  return (
    <label>
      User space of process{' '}
      <select value={shown ?? ''} onChange={({ currentTarget }) => onChoice(Number(currentTarget.value))}>
        {shown === undefined && <option value="">none</option>}
        {pids.map((pid) => (
          <option key={pid} value={pid}>
            {pid}
          </option>
        ))}
      </select>
    </label>
  );
}

interface FiguresProps {
  readonly spaces: readonly AddressSpace[];
  readonly rule: ScaleRule;
}

function Figures({ spaces, rule }: FiguresProps) {
  /** By word size: lanes with one scale are looked at through one lens. */
  const lenses = useSignal<Readonly<Record<number, HeldLens>>>({});
  const scales = useMemo(() => scalesOf(spaces, rule), [spaces, rule]);
  const isZoomed = Object.values(lenses.value).some(({ lens }) => lens !== WHOLE);
  return (
    <>
      <div class="spaces">
        {spaces.map((space, i) => {
          const { name } = opened.value!.lanes[i]!;
          const { wordBits } = space;
          const scale = scales.get(wordBits)!;
          const lens = lenses.value[wordBits];
          return (
            <section key={name} class="space">
              <h3 class={laneKey(i)} title={space.title}>
                {name}
              </h3>
              <SpaceFigure
                name={name}
                space={space}
                scale={scale}
                lens={lens === undefined ? WHOLE : lensOn(scale, lens)}
                selected={selectedByLane.value[i]}
                onLens={(next) => (lenses.value = { ...lenses.value, [wordBits]: held(scale, next) })}
              />
            </section>
          );
        })}
      </div>
      <p class="muted space-help no-print">
        {isZoomed ? (
          <button type="button" class="link" onClick={() => (lenses.value = {})}>
            Show all
          </button>
        ) : (
          'Wheel or + and − zoom, a region’s name zooms to it, dragging moves, a click picks.'
        )}
      </p>
    </>
  );
}

function scalesOf(spaces: readonly AddressSpace[], rule: ScaleRule): ReadonlyMap<number, Scale> {
  const words = [...new Set(spaces.map(({ wordBits }) => wordBits))];
  return new Map(
    words.map((wordBits) => {
      const alike = spaces.filter((space) => space.wordBits === wordBits);
      const pageBytes = Math.min(...alike.map((space) => space.pageBytes));
      return [wordBits, scaleOf(commonRanges(alike.map(({ regions }) => regions)), { rule, pageBytes })];
    }),
  );
}
