/** A command that tells the same in a terminal. */
import './command.css';
import { CopyButton } from './copy-button.tsx';

export function Command({ line }: { readonly line: string }) {
  return (
    <p class="command">
      <code>{line}</code> <CopyButton text={() => line} what="the command" />
    </p>
  );
}
