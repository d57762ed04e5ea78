/** A canvas as large as its place, drawn anew when there is another drawing, when it changes its size, and when colours do. */
import { useSignal } from '@preact/signals';
import type { JSX } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import { colourScheme } from '../colours.ts';

export interface Size {
  readonly width: number;
  readonly height: number;
}

interface CanvasProps {
  /** In CSS pixels; the canvas is clear. Another function is another drawing. */
  draw(ctx: CanvasRenderingContext2D, size: Size): void;
  readonly class?: string;
  /** What it shows, in words. */
  readonly label: string;
}

export function Canvas({ draw, label, class: name = '' }: CanvasProps): JSX.Element {
  const canvas = useRef<HTMLCanvasElement>(null);
  const size = useSize(canvas);
  const scheme = colourScheme();
  useEffect(() => {
    const { width, height } = size;
    const element = canvas.current!;
    const ratio = devicePixelRatio;
    element.width = Math.round(width * ratio);
    element.height = Math.round(height * ratio);
    const ctx = element.getContext('2d')!;
    ctx.setTransform(ratio, 0, 0, ratio, 0, 0);
    if (width > 0 && height > 0) draw(ctx, size);
  }, [draw, size, scheme]);
  return <canvas ref={canvas} class={`canvas ${name}`} role="img" aria-label={label} />;
}

/** The size of an element as it is laid out. */
export function useSize(of: { readonly current: Element | null }): Size {
  const size = useSignal<Size>({ width: 0, height: 0 });
  useEffect(() => {
    const observer = new ResizeObserver(([entry]) => {
      const { width, height } = entry!.contentRect;
      if (width !== size.value.width || height !== size.value.height) size.value = { width, height };
    });
    observer.observe(of.current!);
    return () => observer.disconnect();
  }, [of, size]);
  return size.value;
}
