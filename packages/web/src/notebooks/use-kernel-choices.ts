/** The kernels that a notebook may have, as items of a menu; asked for when somebody is about to look. */
import type { Kernelspecs } from '@cahier/protocol/http/files.ts';
import { useState } from 'react';
import { api } from '../link/api.ts';
import { useStore } from '../rooms/use-store.ts';
import type { MenuItem } from '../ui/menu.tsx';
import { problemToast, toast } from '../ui/toasts.ts';
import { useNotebook } from './use-cell.ts';

interface KernelChoices {
  readonly ask: () => void;
  readonly items: () => MenuItem[];
}

export function useKernelChoices(choose: (name: string) => void): KernelChoices {
  const { model, actions } = useNotebook();
  const chosen = useStore(model.session.live, (live) => live.kernel.name);
  const [known, setKnown] = useState<Kernelspecs | null>(null);
  const ask = () => {
    api.kernelspecs(model.session.project).then(setKnown, (error: unknown) => void problemToast(error));
  };
  const items = (): MenuItem[] => {
    if (known?.specs.length === 0)
      return [{ label: 'No kernel is installed', isDisabled: true, onChoose: () => undefined }];
    return (known?.specs ?? []).map((one) => ({
      label: one.problem ? `${one.displayName} (cannot start)` : one.displayName,
      isChosen: one.name === chosen,
      isDisabled: !actions.mayEdit,
      onChoose: () => (one.problem ? void toast(one.problem) : choose(one.name)),
    }));
  };
  return { ask, items };
}
