/** The kernel at a glance: its name and its state in words and shape; behind it, what can be done with it. */
import { isJsonObject } from '@cahier/base/json.ts';
import { useStore } from '../rooms/use-store.ts';
import { MenuButton, type MenuItem } from '../ui/menu.tsx';
import { kernelWords, standInWords } from './kernel-words.ts';
import styles from './notebook.module.css';
import { useNotebook } from './use-cell.ts';
import { useKernelChoices } from './use-kernel-choices.ts';

export function KernelPill({ onRestart }: { onRestart(): void }) {
  const { model, actions } = useNotebook();
  const kernel = useStore(model.session.live, (live) => live.kernel);
  const metadata = useStore(model.metadata);
  const { ask, items: choices } = useKernelChoices((choice) => actions.runs.chooseKernel(choice));
  const spec = metadata['kernelspec'];
  const wanted = isJsonObject(spec) && typeof spec['display_name'] === 'string' ? spec['display_name'] : null;
  const name = kernel.displayName ?? kernel.name ?? wanted ?? 'Kernel';
  const words = kernelWords(kernel.status);
  const tip = kernel.reason?.slice(0, 300) ?? standInWords(kernel, spec);
  const isAlive = kernel.status === 'idle' || kernel.status === 'busy';

  const items = (): MenuItem[] => [
    {
      label: 'Interrupt',
      isDisabled: !actions.mayEdit || kernel.status !== 'busy',
      onChoose: () => actions.runs.kernel('kernel.interrupt'),
    },
    { label: 'Restart…', isDisabled: !actions.mayEdit || kernel.status === 'none', onChoose: onRestart },
    {
      label: 'Shut down',
      isDisabled: !actions.mayEdit || (!isAlive && kernel.status !== 'dead'),
      onChoose: () => actions.runs.kernel('kernel.shutdown'),
    },
    'separator',
    ...choices(),
  ];
  return (
    <div className={styles['kernel']} onPointerEnter={ask} onFocus={ask}>
      <MenuButton className={styles['pill']} {...(tip === undefined ? {} : { tip })} items={items}>
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
