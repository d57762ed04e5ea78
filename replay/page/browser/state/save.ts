/** What is on the page as files: the page itself with its run inside, and the trace of the run. */

import type { PageRun, TraceAt } from '../../engine/protocol.ts';
import { PAGE_START, pageParts } from '../../html/page-html.ts';
import { run, trouble } from './store.ts';

/** A page has its trace as text, of which browsers hold half a gigabyte; and it is read whole. */
const MOST_TRACE_BYTES = 0x1400_0000;

export async function savePage(): Promise<void> {
  await told(async ({ spec, files, trace }) => {
    const bytes = trace && new Uint8Array(await (await blobOf(trace)).arrayBuffer());
    if (bytes !== undefined && bytes.length > MOST_TRACE_BYTES)
      throw new Error('the trace is too long for a page: save the trace, and open that');
    const parts = pageParts(ownSource(), { spec, files, ...(bytes && { trace: { bytes } }) });
    download(new Blob([...parts], { type: 'text/html' }), `${stem()}.html`);
  });
}

export async function saveTrace(): Promise<void> {
  await told(async ({ trace }) => download(await blobOf(trace!), `${stem()}.vmt`));
}

async function told(work: (run: PageRun) => Promise<void>): Promise<void> {
  try {
    await work(run.value!);
  } catch (error) {
    trouble.value = `not saved: ${(error as Error).message}`;
  }
}

async function blobOf(trace: TraceAt): Promise<Blob> {
  if ('bytes' in trace) return new Blob([trace.bytes as Uint8Array<ArrayBuffer>]);
  if ('blob' in trace) return trace.blob as Blob;
  return (await fetch(trace.url)).blob();
}

/** As the run calls its events, without folders and endings. */
function stem(): string {
  const { events } = JSON.parse(run.value!.spec) as { events: { trace?: string; workload?: string } };
  return (events.trace ?? events.workload ?? 'vmsplit')
    .replace(/^.*[/\\]/, '')
    .replace(/(?<=.)\.vmt(\.\w{2,4})?$/, '');
}

/** The page as it came, without what it has drawn since, and without its run. */
function ownSource(): string {
  const root = document.documentElement.cloneNode(true) as HTMLElement;
  delete root.dataset.theme;
  for (const element of root.querySelectorAll(
    'body > :not(#page, noscript, #worker, #program, script:not([id]))',
  ))
    element.remove();
  root.querySelector('#page')!.replaceChildren();
  // Those that the program brings along.
  for (const style of root.querySelectorAll('head > style')) style.remove();
  root.querySelector('#program')!.after(new Comment(' data '));
  const html = `${root.outerHTML}\n`;
  return PAGE_START + html.slice(html.indexOf('\n<meta http-equiv'));
}

/** A page from disk may give files away too. */
function download(blob: Blob, name: string): void {
  const link = document.createElement('a');
  link.href = URL.createObjectURL(blob);
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
}
