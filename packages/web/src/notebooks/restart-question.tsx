import { ConfirmDialog } from '../ui/confirm-dialog.tsx';
import type { AfterRestart } from './run-actions.ts';
import { useNotebook } from './use-cell.ts';

interface Props {
  readonly then: AfterRestart;
  readonly onClose: () => void;
}

const actionWords: Readonly<Record<AfterRestart, string>> = {
  restart: 'Restart',
  clear: 'Restart and clear the outputs',
  'run-all': 'Restart and run all',
  'run-up-to': 'Restart and run up to here',
};

/** A restart cannot be taken back: the variables of everybody here are gone. */
export function RestartQuestion({ then, onClose }: Props) {
  const { actions } = useNotebook();
  return (
    <ConfirmDialog
      title="Restart the kernel?"
      action={actionWords[then]}
      onClose={onClose}
      onConfirm={() => actions.runs.restartAnd(then)}
    >
      <p>
        All variables are lost, for everybody in this notebook.{' '}
        {then === 'clear'
          ? 'The text stays; the outputs are cleared, and are kept in the history.'
          : 'The text and the outputs stay.'}
      </p>
    </ConfirmDialog>
  );
}
