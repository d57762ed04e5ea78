/** While files are held over the page: where they go. */
import { isDropping } from '../state/drop.ts';
import './drop-zone.css';

export function DropZone() {
  if (!isDropping.value) return null;
  return (
    <div class="drop-zone" role="status">
      <p>Drop traces, logs, files of /proc or what vmsplit capture saved: they stay on this machine.</p>
    </div>
  );
}
