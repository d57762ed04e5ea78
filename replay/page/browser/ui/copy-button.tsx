/** Copies a text. The clipboard of a page from disk may be closed to it: then the text is selected, to be copied by hand. */
import { useState } from 'preact/hooks';

interface CopyButtonProps {
  /** Asked for when it is copied. */
  text(): string;
  readonly label?: string;
  /** For who does not see what is beside it. */
  readonly what: string;
}

const TOLD_MS = 1500;

export function CopyButton({ text, label = 'Copy', what }: CopyButtonProps) {
  const [done, setDone] = useState(false);
  const copy = async (): Promise<void> => {
    await copyText(text());
    setDone(true);
    setTimeout(() => setDone(false), TOLD_MS);
  };
  return (
    <button type="button" class="plain no-print" onClick={() => void copy()} aria-label={`Copy ${what}`}>
      {done ? 'Copied' : label}
    </button>
  );
}

async function copyText(text: string): Promise<void> {
  try {
    await navigator.clipboard.writeText(text);
  } catch {
    copyBySelection(text);
  }
}

function copyBySelection(text: string): void {
  const field = document.createElement('textarea');
  field.value = text;
  document.body.append(field);
  field.select();
  document.execCommand('copy');
  field.remove();
}
