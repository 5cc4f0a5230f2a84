/** What can be done with one output: look at another of its types, copy it. Quiet until wanted. */
import type { LiveOutput } from '@cahier/core/runs/live.ts';
import { Ellipsis } from 'lucide-react';
import { MenuButton, type MenuItem } from '../ui/menu.tsx';
import { problemToast, toast } from '../ui/toasts.ts';
import { stripAnsi } from './ansi.ts';
import { mimeLabel } from './mime-rank.ts';
import styles from './outputs.module.css';
import { plainText, type ShownDisplay } from './shown-output.ts';

interface Props {
  readonly output: LiveOutput;
  readonly shown: ShownDisplay | null;
  readonly more: readonly MenuItem[] | undefined;
  onChoose(mime: string): void;
}

export function OutputMenu({ output, shown, more, onChoose }: Props) {
  const items = (): MenuItem[] => {
    const text = stripAnsi(plainText(output));
    const mimes = shown && shown.mimes.length > 1 ? shown.mimes.toSorted() : [];
    const copy = () => {
      navigator.clipboard.writeText(text).then(
        () => void toast('Copied.'),
        (error: unknown) => void problemToast(error),
      );
    };
    return [
      ...mimes.map((mime) => ({
        label: `Show as ${mimeLabel(mime)}`,
        isChosen: mime === shown?.mime,
        onChoose: () => onChoose(mime),
      })),
      ...(mimes.length > 0 && text !== '' ? (['separator'] as const) : []),
      ...(text === '' ? [] : [{ label: 'Copy as text', onChoose: copy }]),
      ...(more ?? []),
    ];
  };
  return (
    <MenuButton className={styles['menuButton']} label="Output options" items={items}>
      <Ellipsis size={16} aria-hidden />
    </MenuButton>
  );
}
