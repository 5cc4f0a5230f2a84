/** The thread of write-notebook.ts: one notebook in, the bytes of its file and their hash out. */
import { parentPort, workerData } from 'node:worker_threads';
import { notebookKind } from '@cahier/core/notebooks/notebook-kind.ts';
import type { PlainNotebook } from '@cahier/core/notebooks/notebook.ts';
import { writtenFile } from './write-notebook.ts';

const notebook: PlainNotebook = workerData;
const bytes = Uint8Array.from(notebookKind.toFile(notebook));
parentPort?.postMessage(writtenFile(bytes), [bytes.buffer]);
