import type { SetupState } from '@cahier/protocol/client/down.ts';
import { Notice } from '../ui/notice.tsx';

/** Kernels are being installed, or could not be: what is missing and the one command that cures it. */
export function SetupNotice({ setup }: { readonly setup: SetupState }) {
  if (setup.phase === 'ready') return null;
  const isWorking = setup.phase === 'working';
  return (
    <Notice tone={isWorking ? 'calm' : 'warning'}>
      {isWorking && 'Preparing to run code. You can write meanwhile. '}
      {setup.message}
      {setup.cure && (
        <>
          {' '}
          <code>{setup.cure}</code>
        </>
      )}
    </Notice>
  );
}
