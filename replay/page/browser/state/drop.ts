/** Dropping: files from anywhere onto the page, folders with all that is in them. */
import { signal } from '@preact/signals';
import type { DroppedFile } from '../../engine/work.ts';
import { bringFiles } from './brought.ts';

/** Something is held over the page. */
export const isDropping = signal(false);

export function takeDrops(): void {
  addEventListener('dragover', (event) => {
    if (!hasFiles(event)) return;
    event.preventDefault();
    isDropping.value = true;
  });
  addEventListener('dragleave', ({ relatedTarget }) => {
    if (relatedTarget === null) isDropping.value = false;
  });
  addEventListener('drop', (event) => {
    isDropping.value = false;
    if (!hasFiles(event)) return;
    event.preventDefault();
    void droppedFiles(event.dataTransfer!).then(bringFiles);
  });
}

function hasFiles({ dataTransfer }: DragEvent): boolean {
  return dataTransfer?.types.includes('Files') ?? false;
}

/** The list is gone once the event is over: entries are taken at once, and read then. */
async function droppedFiles({ items, files }: DataTransfer): Promise<DroppedFile[]> {
  const entries = [...items].map((item) => item.webkitGetAsEntry?.() ?? null);
  if (entries.every((entry) => entry === null)) return [...files].map(namedFile);
  const found: DroppedFile[] = [];
  for (const entry of entries) if (entry !== null) await gather(entry, found);
  return found;
}

export function namedFile(file: File): DroppedFile {
  return { name: file.name, blob: file };
}

async function gather(entry: FileSystemEntry, found: DroppedFile[]): Promise<void> {
  if (entry.isFile) {
    const file = await new Promise<File>((resolve, reject) =>
      (entry as FileSystemFileEntry).file(resolve, reject),
    );
    found.push({ name: entry.fullPath.replace(/^\//, ''), blob: file });
    return;
  }
  const reader = (entry as FileSystemDirectoryEntry).createReader();
  const read = () => new Promise<FileSystemEntry[]>((resolve, reject) => reader.readEntries(resolve, reject));
  // A reader gives some at a time, and none at the end.
  for (let some = await read(); some.length > 0; some = await read())
    for (const one of some) await gather(one, found);
}
