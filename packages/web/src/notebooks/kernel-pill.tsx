/** The kernel at a glance: its name and its state in words and shape; behind it, what can be done with it. */
import { isJsonObject } from '@cahier/base/json.ts';
import type { Kernelspecs } from '@cahier/protocol/http/files.ts';
import { useState } from 'react';
import { api } from '../link/api.ts';
import { useStore } from '../rooms/use-store.ts';
import { MenuButton, type MenuItem } from '../ui/menu.tsx';
import { problemToast, toast } from '../ui/toasts.ts';
import { kernelWords } from './kernel-words.ts';
import styles from './notebook.module.css';
import { useNotebook } from './use-cell.ts';

export function KernelPill({ onRestart }: { onRestart(): void }) {
  const { model, actions } = useNotebook();
  const kernel = useStore(model.session.live, (live) => live.kernel);
  const metadata = useStore(model.metadata);
  const [known, setKnown] = useState<Kernelspecs | null>(null);
  const spec = metadata['kernelspec'];
  const wanted = isJsonObject(spec) && typeof spec['display_name'] === 'string' ? spec['display_name'] : null;
  const name = kernel.displayName ?? kernel.name ?? wanted ?? 'Kernel';
  const words = kernelWords(kernel.status);
  const isAlive = kernel.status === 'idle' || kernel.status === 'busy';

  const ask = () => {
    api.kernelspecs(model.session.project).then(setKnown, (error: unknown) => void problemToast(error));
  };
  const items = (): MenuItem[] => [
    {
      label: 'Interrupt',
      isDisabled: !actions.mayEdit || kernel.status !== 'busy',
      onChoose: () => actions.kernel('kernel.interrupt'),
    },
    { label: 'Restart…', isDisabled: !actions.mayEdit || kernel.status === 'none', onChoose: onRestart },
    {
      label: 'Shut down',
      isDisabled: !actions.mayEdit || (!isAlive && kernel.status !== 'dead'),
      onChoose: () => actions.kernel('kernel.shutdown'),
    },
    'separator',
    ...(known?.specs ?? []).map((one) => ({
      label: one.problem ? `${one.displayName} (cannot start)` : one.displayName,
      isChosen: one.name === kernel.name,
      isDisabled: !actions.mayEdit,
      onChoose: () => (one.problem ? void toast(one.problem) : actions.chooseKernel(one.name)),
    })),
    ...(known?.specs.length === 0
      ? [{ label: 'No kernel is installed', isDisabled: true, onChoose: () => undefined }]
      : []),
  ];
  return (
    <div className={styles['kernel']} onPointerEnter={ask} onFocus={ask}>
      <MenuButton
        className={styles['pill']}
        {...(kernel.reason === undefined ? {} : { tip: kernel.reason.slice(0, 300) })}
        items={items}
      >
        <span className={styles['kernelDot']} data-status={kernel.status} aria-hidden />
        <span className="visually-hidden">Kernel</span>
        <span className={styles['kernelName']}>{name}</span>
        <span className={styles['kernelState']} data-status={kernel.status}>
          {words}
        </span>
      </MenuButton>
    </div>
  );
}
