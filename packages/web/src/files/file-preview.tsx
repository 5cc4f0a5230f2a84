import { Download, ExternalLink } from 'lucide-react';
import { useState } from 'react';
import type { ProjectId } from '@cahier/base/ids.ts';
import { fileUrl } from '../link/urls.ts';
import { buttonClass } from '../ui/button.tsx';
import { EmptyState } from '../ui/empty-state.tsx';
import { fileKind } from './file-kind.ts';
import styles from './file-preview.module.css';

/** A file that is neither text nor notebook: shown when the browser can, else offered for download. */
export function FilePreview({ project, path }: { readonly project: ProjectId; readonly path: string }) {
  const [isBroken, setBroken] = useState(false);
  const name = path.slice(path.lastIndexOf('/') + 1);
  const kind = fileKind(name);
  const url = fileUrl(project, path);
  const download = (
    <a className={buttonClass('primary')} href={fileUrl(project, path, { download: true })} download>
      <Download size={16} aria-hidden /> Download
    </a>
  );
  if (kind === 'image' && !isBroken) {
    return (
      <figure className={styles['figure']}>
        <img className={styles['image']} src={url} alt={name} onError={() => setBroken(true)} />
        <div className={styles['actions']}>{download}</div>
      </figure>
    );
  }
  return (
    <EmptyState
      title={isBroken ? 'This picture cannot be shown' : name}
      actions={
        <>
          {download}
          {kind === 'pdf' && (
            <a className={buttonClass()} href={url} target="_blank" rel="noreferrer">
              <ExternalLink size={16} aria-hidden /> Open in a new tab
            </a>
          )}
        </>
      }
    >
      {isBroken
        ? 'The file may be damaged, or it is gone. You can download it and look at it with another program.'
        : 'Cahier does not edit this kind of file. It can be used from notebooks, and downloaded.'}
    </EmptyState>
  );
}
