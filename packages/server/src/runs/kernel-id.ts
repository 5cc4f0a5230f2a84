/**
 * The ids of kernels, which say what the kernel belongs to: a notebook and one choice of kernelspec, so that what an
 * earlier choice still says can be told from the present one; or a program of somebody's own. Five words joined by
 * hyphens, as Jupyter's server routes ids (`\w+-\w+-\w+-\w+-\w+`): a stock server in front of ours passes them on.
 */
import { type DocumentId, type KernelId, asDocumentId, asKernelId } from '@cahier/base/ids.ts';

/** `document` and `random` are letters and digits. */
export function notebookKernelId(document: DocumentId, random: string): KernelId {
  return asKernelId(`kernel-of-notebook-${document}-${random}`);
}

/** null: not a kernel of a notebook. */
export function documentOfKernel(kernel: KernelId): DocumentId | null {
  const found = /^kernel-of-notebook-(.+)-[^-]*$/.exec(kernel)?.[1];
  return found === undefined ? null : asDocumentId(found);
}

export function programKernelId(spec: string, random: string): KernelId {
  const word = spec.replace(/[^a-z0-9]/g, (sign) => `_${sign.charCodeAt(0).toString(16).padStart(2, '0')}`);
  return asKernelId(`kernel-of-program-${word}-${random}`);
}

/** The name of its kernelspec; null: not a kernel of a program. */
export function specOfProgramKernel(kernel: KernelId): string | null {
  const word = /^kernel-of-program-(\w+)-\w+$/.exec(kernel)?.[1];
  return (
    word?.replace(/_([0-9a-f]{2})/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16))) ??
    null
  );
}
