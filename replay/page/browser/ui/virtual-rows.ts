/** Rows of one height, of which only those that are seen exist: @tanstack/virtual-core as a hook. */
import { useSignal } from '@preact/signals';
import {
  elementScroll,
  observeElementOffset,
  observeElementRect,
  type VirtualItem,
  Virtualizer,
} from '@tanstack/virtual-core';
import type { RefObject } from 'preact';
import { useEffect, useMemo } from 'preact/hooks';

interface VirtualRows {
  readonly items: readonly VirtualItem[];
  readonly totalPx: number;
  /** Of what is seen of it. */
  readonly heightPx: number;
  /** Brings a row into sight, if it is not. */
  scrollTo(row: number): void;
}

export function useVirtualRows(
  host: RefObject<HTMLElement | null>,
  count: number,
  rowPx: number,
): VirtualRows {
  const turn = useSignal(0);
  const virtualizer = useMemo(
    () => new Virtualizer<HTMLElement, HTMLElement>(optionsOf(host, count, rowPx, () => turn.value++)),
    [host, rowPx, turn],
  );
  virtualizer.setOptions(optionsOf(host, count, rowPx, () => turn.value++));
  useEffect(() => virtualizer._didMount(), [virtualizer]);
  useEffect(() => virtualizer._willUpdate());
  void turn.value;
  return {
    items: virtualizer.getVirtualItems(),
    totalPx: virtualizer.getTotalSize(),
    heightPx: virtualizer.scrollRect?.height ?? 0,
    scrollTo: (row) => virtualizer.scrollToIndex(row, { align: 'center' }),
  };
}

function optionsOf(host: RefObject<HTMLElement | null>, count: number, rowPx: number, changed: () => void) {
  return {
    count,
    getScrollElement: () => host.current,
    estimateSize: () => rowPx,
    overscan: 8,
    observeElementRect,
    observeElementOffset,
    scrollToFn: elementScroll,
    onChange: changed,
  };
}
