/** What can be done with one output: look at another of its types, copy it, save the picture. Quiet until wanted. */
import type { LiveOutput } from '@cahier/core/runs/live.ts';
import { Ellipsis } from 'lucide-react';
import { Button, Header, Menu, MenuItem, MenuSection, MenuTrigger, Popover } from 'react-aria-components';
import { stripAnsi } from './ansi.ts';
import { mimeLabel } from './mime-rank.ts';
import styles from './outputs.module.css';
import { plainText, type ShownDisplay } from './shown-output.ts';

interface Props {
  readonly output: LiveOutput;
  readonly shown: ShownDisplay | null;
  onChoose(mime: string): void;
}

export function OutputMenu({ output, shown, onChoose }: Props) {
  const text = stripAnsi(plainText(output));
  const mimes = shown?.mimes.toSorted() ?? [];
  if (text === '' && mimes.length < 2) return null;
  const act = (key: string | number) => {
    if (key === 'copy') void navigator.clipboard.writeText(text).catch(() => undefined);
    else onChoose(String(key));
  };
  return (
    <MenuTrigger>
      <Button className={`${styles['menuButton']}`} aria-label="Output options">
        <Ellipsis size={16} aria-hidden />
      </Button>
      <Popover className={`${styles['popover']}`} placement="bottom end">
        <Menu
          className={`${styles['menu']}`}
          onAction={act}
          selectionMode={mimes.length > 1 ? 'single' : 'none'}
          selectedKeys={shown ? [shown.mime] : []}
        >
          {mimes.length > 1 ? (
            <MenuSection>
              <Header>Show as</Header>
              {mimes.map((mime) => (
                <MenuItem key={mime} id={mime} className={`${styles['menuItem']}`}>
                  {mimeLabel(mime)}
                </MenuItem>
              ))}
            </MenuSection>
          ) : null}
          {text === '' ? null : (
            <MenuSection selectionMode="none" aria-label="Output">
              <MenuItem id="copy" className={`${styles['menuItem']}`}>
                Copy as text
              </MenuItem>
            </MenuSection>
          )}
        </Menu>
      </Popover>
    </MenuTrigger>
  );
}
