/** The browser of whoever sits here, where there is one. */
import { spawn } from 'node:child_process';

type Environment = Readonly<Record<string, string | undefined>>;

/** Opens an address. Where that fails, the person has the address to open it by hand. */
export function openBrowser(url: string, env: Environment, platform = process.platform): void {
  const [command, ...args] = browserCommand(platform, env) ?? [];
  if (command === undefined) return;
  spawn(command, [...args, url], { detached: true, stdio: 'ignore', env })
    .on('error', () => {})
    .unref();
}

/** Undefined on a Unix without a screen, where it would be a browser within the terminal. */
export function browserCommand(platform: NodeJS.Platform, env: Environment): readonly string[] | undefined {
  if (platform === 'darwin') return ['open'];
  if (platform === 'win32') return ['cmd', '/c', 'start', ''];
  const hasScreen = [env.DISPLAY, env.WAYLAND_DISPLAY].some((name) => name !== undefined && name !== '');
  return hasScreen ? ['xdg-open'] : undefined;
}
