/** The notebook as a file of another kind, written by the project's own nbconvert and given to the reader. */
import type { ProjectId } from '@cahier/base/ids.ts';
import { Download } from 'lucide-react';
import { useState } from 'react';
import { api } from '../link/api.ts';
import { toAppError } from '../link/to-app-error.ts';
import { useAnswer } from '../link/use-answer.ts';
import { Button } from '../ui/button.tsx';
import { Dialog, DialogActions } from '../ui/dialog.tsx';
import { downloadFile } from '../ui/download-file.ts';
import { Skeleton } from '../ui/skeleton.tsx';
import styles from './export-dialog.module.css';
import { type ExportFormat, exportFormats } from './export-formats.ts';

interface Props {
  readonly project: ProjectId;
  readonly path: string;
  readonly onClose: () => void;
}

export function ExportDialog({ project, path, onClose }: Props) {
  const { value, error, reload } = useAnswer(`exporters ${project}`, () => api.exporters(project));
  const [writing, setWriting] = useState<ExportFormat | null>(null);
  const [problem, setProblem] = useState<string | null>(null);
  const write = (format: ExportFormat) => {
    setWriting(format);
    setProblem(null);
    api.exported(project, format.name, path).then(
      ({ name, type, bytes }) => {
        downloadFile(name, type, bytes);
        onClose();
      },
      (cause: unknown) => {
        setWriting(null);
        setProblem(toAppError(cause).message);
      },
    );
  };
  const formats = value && exportFormats(Object.keys(value));
  return (
    <Dialog title="Export as…" onClose={onClose}>
      {error && (
        <p role="alert" className={styles['problem']}>
          {error.message} <Button onClick={reload}>Try again</Button>
        </p>
      )}
      {!formats && !error && <Skeleton lines={5} label="Asking what can be written" />}
      {formats?.length === 0 && (
        <p>
          This project has no nbconvert, the program that writes notebooks as web pages, PDF and more. Open a
          terminal (in the file list: <b>More</b>, <b>Terminal</b>), write{' '}
          <code className={styles['command']}>python3 -m pip install nbconvert</code> and come back.
        </p>
      )}
      {problem !== null && (
        <p role="alert" className={styles['problem']}>
          {problem}
        </p>
      )}
      {formats && formats.length > 0 && (
        <ul className={styles['formats']}>
          {formats.map((format) => (
            <li key={format.name}>
              <button
                type="button"
                className={styles['format']}
                disabled={writing !== null}
                aria-busy={writing === format}
                onClick={() => write(format)}
              >
                <Download size={17} aria-hidden />
                <span>
                  <b>{format.title}</b>
                  <span className={styles['about']}>{format.about}</span>
                </span>
              </button>
            </li>
          ))}
        </ul>
      )}
      <output className={styles['about']}>
        {writing ? `Writing ${path} as ${writing.title}. This may take half a minute…` : ''}
      </output>
      <DialogActions>
        <Button onClick={onClose}>Close</Button>
      </DialogActions>
    </Dialog>
  );
}
