/** Finds the browser that the stories drive; on Debian as root installs it; else says what is missing and the cure. */
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';

const places = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'];

export function findChromium(): string | undefined {
  const named = process.env['CAHIER_CHROMIUM'];
  if (named !== undefined && existsSync(named)) return named;
  return places.find((path) => existsSync(path));
}

/** Throws with the one command that cures it. */
export function ensureChromium(): string {
  const found = findChromium();
  if (found !== undefined) return found;
  const isDebianRoot = process.getuid?.() === 0 && existsSync('/usr/bin/apt-get');
  if (isDebianRoot) {
    console.log('  Chromium is missing: installing Debian’s package (about a minute)');
    const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
    spawnSync('apt-get', ['update', '-q'], { stdio: 'ignore', env });
    spawnSync(
      'apt-get',
      ['install', '-y', '-q', '--no-install-recommends', 'chromium', 'fonts-dejavu-core'],
      { stdio: ['ignore', 'ignore', 'inherit'], env },
    );
    const installed = findChromium();
    if (installed !== undefined) return installed;
  }
  throw new Error(
    'The browser stories need Chromium. Install it (Debian: sudo apt-get install chromium) or set CAHIER_CHROMIUM to its path.',
  );
}
