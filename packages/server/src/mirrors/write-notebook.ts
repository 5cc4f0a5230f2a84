/**
 * A notebook as the bytes of its file, without stalling everybody else: a large one (megabytes of outputs) is written in
 * a thread that lives as long as this one file takes.
 */
import { createHash } from 'node:crypto';
import { Worker } from 'node:worker_threads';
import { notebookKind } from '@cahier/core/notebooks/notebook-kind.ts';
import type { NbOutput, PlainNotebook } from '@cahier/core/notebooks/notebook.ts';

/** Characters of outputs above which a thread costs less than the stall (some 30 ms) that it spares the others. */
const large = 1_000_000;

export interface WrittenFile {
  readonly bytes: Uint8Array;
  /** SHA-256 of them. */
  readonly hash: string;
}

export function writtenFile(bytes: Uint8Array): WrittenFile {
  return { bytes, hash: createHash('sha256').update(bytes).digest('hex') };
}

/** Rejects when the thread fails; then nothing was written. */
export async function writeNotebook(notebook: PlainNotebook): Promise<WrittenFile> {
  if (weightOf(notebook) < large) return writtenFile(notebookKind.toFile(notebook));
  const worker = new Worker(new URL('./write-notebook.worker.ts', import.meta.url), { workerData: notebook });
  return await new Promise<WrittenFile>((resolve, reject) => {
    worker.once('message', (file: WrittenFile) => resolve(file));
    worker.once('error', reject);
    worker.once('exit', (code) => reject(new Error(`the thread that writes a notebook ended with ${code}`)));
  });
}

function weightOf(notebook: PlainNotebook): number {
  let weight = 0;
  for (const cell of notebook.cells) {
    if (cell.type === 'code') for (const output of cell.outputs) weight += weightOfOutput(output);
  }
  return weight;
}

function weightOfOutput(output: NbOutput): number {
  switch (output.type) {
    case 'stream':
      return output.text.length;
    case 'display_data':
    case 'execute_result':
      return Object.values(output.data).reduce<number>(
        (sum, value) => sum + (typeof value === 'string' ? value.length : 100),
        0,
      );
    case 'error':
    case 'unknown':
      return 100;
  }
}
