/** Which frames of physical memory are shown. */
export interface FrameView {
  readonly firstPfn: number;
  readonly endPfn: number;
}

/** Fewer would be lost on a screen. */
const FEWEST = 256;

/** Around a frame, so many times as many; within what there is. Undefined: all of it. */
export function zoomedView(
  { firstPfn, endPfn }: FrameView,
  whole: FrameView,
  pfn: number,
  factor: number,
): FrameView | undefined {
  const frames = Math.max(FEWEST, Math.round((endPfn - firstPfn) * factor));
  if (frames >= whole.endPfn - whole.firstPfn) return undefined;
  const start = Math.round(pfn - ((pfn - firstPfn) / (endPfn - firstPfn)) * frames);
  return within(whole, start, frames);
}

/** So many frames with one in the middle. */
export function viewAround(whole: FrameView, pfn: number, frames: number): FrameView | undefined {
  if (frames >= whole.endPfn - whole.firstPfn) return undefined;
  return within(whole, Math.round(pfn - frames / 2), frames);
}

export function movedView(view: FrameView, whole: FrameView, by: number): FrameView {
  return within(whole, view.firstPfn + by, view.endPfn - view.firstPfn);
}

function within(whole: FrameView, start: number, frames: number): FrameView {
  const firstPfn = Math.min(Math.max(whole.firstPfn, start), Math.max(whole.firstPfn, whole.endPfn - frames));
  return { firstPfn, endPfn: firstPfn + frames };
}
