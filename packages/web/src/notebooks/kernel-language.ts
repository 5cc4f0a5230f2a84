import { isJsonObject, type JsonObject } from '@cahier/base/json.ts';
import { useStore } from '../rooms/use-store.ts';
import type { NotebookModel } from './notebook-model.ts';

/** The language of the notebook's code: as the running kernel says, else as its metadata says, else Python. */
export function kernelLanguage(metadata: JsonObject, running: string | undefined): string {
  if (running !== undefined) return running;
  for (const [key, field] of [
    ['language_info', 'name'],
    ['kernelspec', 'language'],
    ['kernelspec', 'name'],
  ] as const) {
    const part = metadata[key];
    const value = isJsonObject(part) ? part[field] : undefined;
    if (typeof value === 'string' && value !== '')
      return /^(?:python|ipython)[0-9.]*$/i.test(value) ? 'python' : value;
  }
  return 'python';
}

export function useKernelLanguage(model: NotebookModel): string {
  const metadata = useStore(model.metadata);
  const running = useStore(model.session.live, (live) => live.kernel.language);
  return kernelLanguage(metadata, running);
}
