import type { LiveOutput } from '@cahier/core/runs/live.ts';

/** Outputs of a run as the server wrote them; anything else shows nothing. */
export function parseOutputs(text: string): readonly LiveOutput[] {
  try {
    const value: unknown = JSON.parse(text);
    return Array.isArray(value) ? value.filter(isOutput) : [];
  } catch {
    return [];
  }
}

function isOutput(value: unknown): value is LiveOutput {
  return typeof value === 'object' && value !== null && 'type' in value;
}
