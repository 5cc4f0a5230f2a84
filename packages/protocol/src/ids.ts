/** Ids on the wire: short printable strings, branded where they are parsed. */
import {
  asBlobHash,
  asCellId,
  asDocumentId,
  asKernelId,
  asPersonId,
  asProjectId,
  asRunId,
  asRunnerId,
  asSessionId,
  asTerminalName,
} from '@cahier/base/ids.ts';
import { z } from 'zod';

const text = z.string().min(1).max(128);
export const projectId = text.transform(asProjectId);
export const documentId = text.transform(asDocumentId);
export const cellId = text.transform(asCellId);
export const kernelId = text.transform(asKernelId);
export const runId = text.transform(asRunId);
export const terminalName = z
  .string()
  .regex(/^\w[\w.-]{0,63}$/)
  .transform(asTerminalName);
/** A format that nbconvert writes: `html`, `script`, or what an extension adds. */
export const exporterName = z.string().regex(/^\w[\w.:-]{0,63}$/);
export const personId = text.transform(asPersonId);
export const sessionId = text.transform(asSessionId);
export const runnerId = text.transform(asRunnerId);
export const blobHash = z
  .string()
  .regex(/^[0-9a-f]{64}$/)
  .transform(asBlobHash);
/** A path inside a project: relative, `/` between parts. The runner refuses what leaves the project. */
export const projectPath = z.string().max(4096);
