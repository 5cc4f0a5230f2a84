import { type ReactNode, useState } from 'react';
import { Button } from './button.tsx';
import { Dialog, DialogActions } from './dialog.tsx';

interface Props {
  readonly title: string;
  readonly children: ReactNode;
  readonly action: string;
  readonly isDanger?: boolean;
  readonly onClose: () => void;
  readonly onConfirm: () => Promise<void>;
}

/** Asks before something that cannot be taken back. The safe answer has the focus. */
export function ConfirmDialog({ title, children, action, isDanger = false, onClose, onConfirm }: Props) {
  const [error, setError] = useState<string | null>(null);
  const [isBusy, setBusy] = useState(false);
  return (
    <Dialog title={title} onClose={onClose}>
      <div>{children}</div>
      {error && <p role="alert">{error}</p>}
      <DialogActions>
        <Button data-autofocus onClick={onClose}>
          Cancel
        </Button>
        <Button
          look={isDanger ? 'danger' : 'primary'}
          disabled={isBusy}
          onClick={() => {
            setBusy(true);
            onConfirm().then(onClose, (cause: unknown) => {
              setBusy(false);
              setError(cause instanceof Error ? cause.message : String(cause));
            });
          }}
        >
          {action}
        </Button>
      </DialogActions>
    </Dialog>
  );
}
