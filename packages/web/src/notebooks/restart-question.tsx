import { ConfirmDialog } from '../ui/confirm-dialog.tsx';
import { useNotebook } from './use-cell.ts';

interface Props {
  readonly then: 'restart' | 'run-all';
  readonly onClose: () => void;
}

/** A restart cannot be taken back: the variables of everybody here are gone. */
export function RestartQuestion({ then, onClose }: Props) {
  const { actions } = useNotebook();
  const confirm = async () => {
    if (then === 'restart') await actions.restart();
    else await actions.restartAndRunAll();
  };
  return (
    <ConfirmDialog
      title="Restart the kernel?"
      action={then === 'restart' ? 'Restart' : 'Restart and run all'}
      onClose={onClose}
      onConfirm={confirm}
    >
      <p>All variables are lost, for everybody in this notebook. The text and the outputs stay.</p>
    </ConfirmDialog>
  );
}
