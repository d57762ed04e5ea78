/**
 * What is measured inside the page, as texts of functions that the browser runs there: a way over the debugging protocol
 * and back takes longer than some of it.
 */

/** Milliseconds from the start of loading until a moment is shown. */
export const FIRST_VIEW = `new Promise((resolve) => {
  const look = () => document.querySelector('main[aria-busy="false"]') ? resolve(performance.now()) : requestAnimationFrame(look);
  look();
})`;

/** Milliseconds from the start of loading until the first pass is done. */
export const PASSED = `new Promise((resolve) => {
  const look = () => /First pass done/.test(document.querySelector('.timeline-pass')?.textContent ?? '')
    ? resolve(performance.now()) : setTimeout(look, 20);
  look();
})`;

/** Milliseconds from asking for each of these events until it is shown. */
export function jumps(events: readonly number[]): string {
  return `(async () => {
    const field = document.querySelector('.controls-event');
    const main = document.querySelector('main');
    const times = [];
    for (const event of ${JSON.stringify(events)}) {
      const start = performance.now();
      field.value = String(event);
      field.dispatchEvent(new Event('change', { bubbles: true }));
      do await new Promise((resolve) => requestAnimationFrame(resolve));
      while (main.getAttribute('aria-busy') !== 'false' || Number(field.value) !== event);
      times.push(performance.now() - start);
    }
    return times;
  })()`;
}

/** Drags over the timeline and back for so long; how often a second the page was drawn, and another moment shown. */
export function drag(ms: number): string {
  return `(async () => {
    const plot = document.querySelector('.u-over');
    const box = plot.getBoundingClientRect();
    let shown = 0;
    let drawn = 0;
    const watch = new MutationObserver(() => (shown += 1));
    watch.observe(document.querySelector('main'), { subtree: true, childList: true, characterData: true });
    const point = (type, share) => plot.dispatchEvent(new PointerEvent(type, {
      bubbles: true, pointerId: 1, button: 0, clientX: box.left + share * box.width, clientY: box.top + 20 }));
    plot.setPointerCapture = () => {};
    const start = performance.now();
    point('pointerdown', 0);
    for (let passed = 0; passed < ${ms}; passed = performance.now() - start) {
      const share = (passed % 2000) / 1000;
      point('pointermove', share < 1 ? share : 2 - share);
      await new Promise((resolve) => requestAnimationFrame(resolve));
      drawn += 1;
    }
    point('pointerup', 0.5);
    watch.disconnect();
    const seconds = (performance.now() - start) / 1000;
    return { drawn: drawn / seconds, shown: shown / seconds };
  })()`;
}
