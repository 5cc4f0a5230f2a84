/** Names of projects seen before, so that the header does not jump and works offline. */
const prefix = 'cahier-project:';

export function keptName(project: string): string {
  try {
    return localStorage.getItem(prefix + project) ?? '';
  } catch {
    return '';
  }
}

export function keepName(project: string, name: string): void {
  try {
    localStorage.setItem(prefix + project, name);
  } catch {
    // only a convenience
  }
}
