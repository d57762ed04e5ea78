/** Versions of Linux: `2.6.31`, `6.1`, `7.1.0-rc2`. What follows the third number (a distribution's build) says nothing here. */

export interface LinuxVersion {
  readonly major: number;
  readonly minor: number;
  /** The third number: what counts in 2.6, and a stable release since. */
  readonly patch: number;
}

/** Undefined for what is no version: `2.6.32-5-686`, `6.1.0-50-armmp`, `7.1` are. */
export function parseVersion(text: string): LinuxVersion | undefined {
  const [, major, minor, patch = '0'] =
    /^v?(\d{1,3})\.(\d{1,3})(?:\.(\d{1,6}))?(?![\d.]*[.\d]{12})/.exec(text) ?? [];
  if (major === undefined) return undefined;
  return { major: Number(major), minor: Number(minor), patch: Number(patch) };
}

/** As kernels are called: three numbers up to 2.6, two since 3.0. */
export function versionText({ major, minor, patch }: LinuxVersion): string {
  return major < 3 ? `${major}.${minor}.${patch}` : `${major}.${minor}`;
}

/** Whether a version is that one or a later one; stable releases count as the release that they mend. */
export function isSince(version: LinuxVersion, first: LinuxVersion): boolean {
  return rank(version) >= rank(first);
}

function rank({ major, minor, patch }: LinuxVersion): number {
  return (major * 1000 + minor) * 1000 + (major < 3 ? Math.min(patch, 999) : 0);
}
