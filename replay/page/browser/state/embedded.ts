/** What was put into the page as data: its run, a trace, the worker's program. */
import type { PageRun, TraceAt } from '../../engine/protocol.ts';

/** The text of a data block; undefined where there is none. */
function embeddedText(id: string): string | undefined {
  return document.getElementById(id)?.textContent ?? undefined;
}

interface EmbeddedRun {
  readonly spec?: string;
  readonly files: Readonly<Record<string, string>>;
  readonly trace?: 'inside' | { readonly url: string; readonly byteLength: number };
}

/** The run that the page was made for; undefined: it was made for none. */
export function embeddedRun(): PageRun | undefined {
  const text = embeddedText('run');
  if (text === undefined) return undefined;
  const { spec, files, trace } = JSON.parse(text) as EmbeddedRun;
  if (spec === undefined) return undefined;
  return { spec, files, ...(trace !== undefined && { trace: traceAt(trace) }) };
}

function traceAt(trace: NonNullable<EmbeddedRun['trace']>): TraceAt {
  if (trace !== 'inside') return { ...trace, url: new URL(trace.url, location.href).href };
  return { bytes: embeddedBytes('trace') };
}

/** Of a data block in base64. */
export function embeddedBytes(id: string): Uint8Array<ArrayBuffer> {
  const letters = atob(embeddedText(id) ?? '');
  const bytes = new Uint8Array(letters.length);
  for (let at = 0; at < letters.length; at++) bytes[at] = letters.charCodeAt(at);
  return bytes;
}
