/** Physical memory of every lane: every frame by what it is used for, whose it is, its migrate type or its age. */

import { useSignal } from '@preact/signals';
import { useEffect, useRef } from 'preact/hooks';
import { FRAME_COLOURS, type FrameColour, type PhysicalMap } from '../../../models/physical.ts';
import { selectedByLane } from '../../state/selected.ts';
import { opened, selection } from '../../state/store.ts';
import { useModel } from '../../state/use-model.ts';
import { Answered } from '../answered.tsx';
import { laneKey } from '../lanes.tsx';
import { FreeBlocks } from '../memory/free-blocks.tsx';
import { cellsFor, roomOf } from '../memory/grid.ts';
import { Legend } from '../memory/legend.tsx';
import { MemoryMap, type MemoryMapProps } from '../memory/memory-map.tsx';
import { classVariables } from '../memory/palette.ts';
import { type FrameView, movedView, viewAround, zoomedView } from '../memory/view.ts';
import { countText } from '../numbers.ts';
import { useSize } from '../parts/canvas.tsx';
import '../memory/memory.css';

export function PhysicalMemory() {
  const colourBy = useSignal<FrameColour>('use');
  const view = useSignal<FrameView | undefined>(undefined);
  const width = useSignal(600);
  const request = {
    colourBy: colourBy.value,
    cells: cellsFor(roomOf(width.value, innerHeight, opened.value!.lanes.length)),
    ...view.value,
  };
  const answer = useModel('physicalMaps', request);
  return (
    <div class="memory">
      <div class="choices no-print">
        <fieldset aria-label="Colour frames by">
          {FRAME_COLOURS.map((name) => (
            <button
              key={name}
              type="button"
              aria-pressed={colourBy.value === name}
              onClick={() => (colourBy.value = name)}
            >
              {COLOUR_NAMES[name]}
            </button>
          ))}
        </fieldset>
        <Zoom view={view.value} onView={(next) => (view.value = next)} maps={answer.result} />
      </div>
      <Answered answer={answer}>
        {(maps) => (
          <Maps
            maps={maps}
            view={view.value}
            onView={(next) => (view.value = next)}
            onWidth={(next) => (width.value = next)}
          />
        )}
      </Answered>
    </div>
  );
}

const COLOUR_NAMES: Readonly<Record<FrameColour, string>> = {
  use: 'Use',
  owner: 'Owner',
  type: 'Migrate type',
  age: 'Age',
};

/** All frames that any lane has. */
function wholeOf(maps: readonly PhysicalMap[]): FrameView {
  const zones = maps.flatMap((map) => map.zones);
  return {
    firstPfn: Math.min(...zones.map(({ startPfn }) => startPfn)),
    endPfn: Math.max(...zones.map(({ endPfn }) => endPfn)),
  };
}

interface ZoomProps {
  readonly maps: readonly PhysicalMap[] | undefined;
  readonly view: FrameView | undefined;
  onView(view: FrameView | undefined): void;
}

/** Where single frames are to be seen, at most so many. */
const NEAR = 512;

function Zoom({ maps, view, onView }: ZoomProps) {
  if (maps === undefined) return null;
  const whole = wholeOf(maps);
  const shown = view ?? whole;
  const middle = (shown.firstPfn + shown.endPfn) / 2;
  const picked = selectedByLane.value.flatMap(({ linked }) => linked.frames)[0];
  return (
    <span class="memory-zoom">
      <button
        type="button"
        aria-label="Fewer frames"
        onClick={() => onView(zoomedView(shown, whole, middle, 1 / 4))}
      >
        +
      </button>
      <button
        type="button"
        aria-label="More frames"
        disabled={view === undefined}
        onClick={() => onView(zoomedView(shown, whole, middle, 4))}
      >
        −
      </button>
      <button type="button" disabled={view === undefined} onClick={() => onView(undefined)}>
        All
      </button>
      {selection.value !== undefined && picked !== undefined && (
        <button type="button" onClick={() => onView(viewAround(whole, picked.start, NEAR))}>
          To what is picked
        </button>
      )}
      <span class="muted">
        {view === undefined
          ? 'all frames'
          : `frames 0x${view.firstPfn.toString(16)} – 0x${(view.endPfn - 1).toString(16)}`}
        , {cellText(maps)}
      </span>
    </span>
  );
}

function cellText(maps: readonly PhysicalMap[]): string {
  const each = maps.map(({ framesPerCell }) => framesPerCell);
  const most = Math.max(...each);
  return most === 1 ? 'a cell is a frame' : `a cell is ${countText(most)} frames`;
}

interface MapsProps {
  readonly maps: readonly PhysicalMap[];
  readonly view: FrameView | undefined;
  onView(view: FrameView | undefined): void;
  /** How wide the maps are laid out: that decides how many cells they have room for. */
  onWidth(width: number): void;
}

const NONE: MemoryMapProps['picked'] = [];

function Maps({ maps, view, onView, onWidth }: MapsProps) {
  const host = useRef<HTMLDivElement>(null);
  const { width } = useSize(host);
  useEffect(() => {
    if (width > 0) onWidth(width);
  }, [width]);
  const only = useSignal<string | undefined>(undefined);
  const whole = wholeOf(maps);
  const variables = maps.map(({ colourBy, classes }) =>
    classVariables(
      colourBy,
      classes.map(({ name }) => name),
    ),
  );
  return (
    <div class="memory-parts">
      <div class="memory-maps" ref={host}>
        {maps.map((map, i) => {
          const { name } = opened.value!.lanes[i]!;
          const shown = view ?? map;
          const cls = map.classes.findIndex((known) => known.name === only.value);
          return (
            <section key={name} class="memory-lane">
              <h3 class={laneKey(i)}>{name}</h3>
              <MemoryMap
                name={name}
                map={map}
                variables={variables[i]!}
                only={cls < 0 ? undefined : cls}
                picked={selectedByLane.value[i]?.linked.frames ?? NONE}
                onZoom={(pfn, factor) => onView(zoomedView(shown, whole, pfn, factor))}
                onMove={(by) => view !== undefined && onView(movedView(view, whole, by))}
                onWhole={() => onView(undefined)}
              />
            </section>
          );
        })}
      </div>
      <Legend maps={maps} variables={variables} only={only.value} onOnly={(name) => (only.value = name)} />
      <FreeBlocks maps={maps} />
    </div>
  );
}
