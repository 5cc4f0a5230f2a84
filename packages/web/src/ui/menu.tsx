/**
 * A menu behind a button, on the browser's popover (top layer, closes by itself). Arrows, Home, End and first letters
 * move; Enter chooses; Esc and Tab leave and give the focus back.
 */
import { Check } from 'lucide-react';
import {
  type KeyboardEvent,
  type ReactNode,
  type RefObject,
  useCallback,
  useEffectEvent,
  useId,
  useLayoutEffect,
  useRef,
  useState,
} from 'react';
import { buttonClass, type ButtonLook } from './button.tsx';
import { classNames } from './class-names.ts';
import styles from './menu.module.css';

export type MenuItem =
  | {
      readonly label: string;
      readonly icon?: ReactNode;
      readonly onChoose: () => void;
      readonly isDanger?: boolean;
      readonly isDisabled?: boolean;
      /** Present: the item is one of a choice. */
      readonly isChosen?: boolean;
    }
  | 'separator';

interface Props {
  /** Accessible name of the button when its content has none. */
  readonly label?: string;
  readonly tip?: string;
  readonly items: () => readonly MenuItem[];
  readonly children: ReactNode;
  readonly look?: ButtonLook;
  readonly className?: string | undefined;
}

export function MenuButton({ label, tip, items, children, look = 'quiet', className }: Props) {
  const button = useRef<HTMLButtonElement>(null);
  const [isOpen, setOpen] = useState(false);
  const id = useId();
  return (
    <>
      <button
        ref={button}
        type="button"
        className={classNames(buttonClass(look), className)}
        aria-haspopup="menu"
        aria-expanded={isOpen}
        aria-controls={isOpen ? id : undefined}
        aria-label={label}
        data-tip={tip}
        onClick={() => setOpen(!isOpen)}
        onKeyDown={(event) => {
          if (event.key === 'ArrowDown') {
            event.preventDefault();
            setOpen(true);
          }
        }}
      >
        {children}
      </button>
      {isOpen && <MenuList id={id} anchor={button} items={items()} onClose={() => setOpen(false)} />}
    </>
  );
}

/** `at`: where a context menu opens; else below the anchor. */
export function MenuList({
  id,
  anchor,
  at,
  items,
  onClose,
}: {
  readonly id: string;
  readonly anchor: RefObject<HTMLElement | null>;
  readonly at?: { readonly x: number; readonly y: number };
  readonly items: readonly MenuItem[];
  readonly onClose: () => void;
}) {
  const menu = useRef<HTMLDivElement>(null);
  const typed = useRef({ text: '', at: 0 });
  const close = useEffectEvent(onClose);

  useLayoutEffect(() => {
    const element = menu.current;
    if (!element) return;
    element.showPopover();
    const size = element.getBoundingClientRect();
    const box = anchor.current?.getBoundingClientRect();
    const x =
      at?.x ?? (box ? (box.left + size.width > innerWidth - 8 ? box.right - size.width : box.left) : 8);
    const below = at?.y ?? (box ? box.bottom + 4 : 8);
    const isBelow = below + size.height <= innerHeight - 8;
    const y = isBelow ? below : Math.max(8, (at?.y ?? box?.top ?? 8) - size.height - 4);
    element.style.left = `${Math.max(8, Math.min(x, innerWidth - size.width - 8))}px`;
    element.style.top = `${y}px`;
    const first =
      element.querySelector<HTMLElement>('[aria-checked="true"]') ?? element.querySelector('button');
    first?.focus({ preventScroll: true });
    const onToggle = (event: Event) => {
      if ('newState' in event && event.newState === 'closed') close();
    };
    element.addEventListener('toggle', onToggle);
    return () => element.removeEventListener('toggle', onToggle);
  }, [anchor, at?.x, at?.y]);

  const leave = useCallback(() => {
    menu.current?.hidePopover();
    anchor.current?.focus();
  }, [anchor]);

  const onKeyDown = (event: KeyboardEvent) => {
    const all = [...(menu.current?.querySelectorAll('button') ?? [])];
    const now = all.findIndex((item) => item === document.activeElement);
    const go = (to: number) => {
      event.preventDefault();
      all[(to + all.length) % all.length]?.focus();
    };
    event.stopPropagation();
    if (event.key === 'ArrowDown') go(now + 1);
    else if (event.key === 'ArrowUp') go(now - 1);
    else if (event.key === 'Home') go(0);
    else if (event.key === 'End') go(-1);
    else if (event.key === 'Escape' || event.key === 'Tab') {
      event.preventDefault();
      leave();
    } else if (event.key.length === 1 && !event.ctrlKey && !event.metaKey && event.key !== ' ') {
      const isFresh = event.timeStamp - typed.current.at > 600;
      const text = (isFresh ? '' : typed.current.text) + event.key.toLowerCase();
      typed.current = { text, at: event.timeStamp };
      const hit = all.findIndex((item) => item.textContent?.trim().toLowerCase().startsWith(text));
      if (hit >= 0) go(hit);
    }
  };

  return (
    <div
      ref={menu}
      id={id}
      role="menu"
      popover="auto"
      className={styles['menu']}
      tabIndex={-1}
      onKeyDown={onKeyDown}
    >
      {items.map((item, i) =>
        item === 'separator' ? (
          // oxlint-disable-next-line react/no-array-index-key
          <hr key={`separator-${i}`} className={styles['separator']} />
        ) : (
          // Its label is the text inside.
          // oxlint-disable-next-line jsx-a11y/control-has-associated-label
          <button
            key={item.label}
            type="button"
            role={item.isChosen === undefined ? 'menuitem' : 'menuitemradio'}
            aria-checked={item.isChosen}
            aria-disabled={item.isDisabled}
            tabIndex={-1}
            className={classNames(styles['item'], item.isDanger && styles['danger'])}
            onClick={() => {
              if (item.isDisabled) return;
              leave();
              item.onChoose();
            }}
          >
            {item.icon}
            <span className={styles['label']}>{item.label}</span>
            {item.isChosen && <Check size={16} className={styles['check']} aria-hidden />}
          </button>
        ),
      )}
    </div>
  );
}
