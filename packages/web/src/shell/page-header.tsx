import { Monitor, Moon, MoreHorizontal, Sun } from 'lucide-react';
import type { ReactNode } from 'react';
import { Link } from 'wouter';
import { pages } from '../link/urls.ts';
import { useStore } from '../rooms/use-store.ts';
import { classNames } from '../ui/class-names.ts';
import { MenuButton, type MenuItem } from '../ui/menu.tsx';
import { commands } from './commands.ts';
import styles from './page-header.module.css';
import { chooseTheme, theme } from './theme.ts';

interface Props {
  /** What stands after the logo: links to what contains this page, then its title. */
  readonly trail?: ReactNode;
  readonly tools?: ReactNode;
  /** Entries of the “more” menu before the usual ones. */
  readonly menu?: () => readonly MenuItem[];
}

export function PageHeader({ trail, tools, menu }: Props) {
  const chosen = useStore(theme);
  const run = (id: string) => () =>
    commands
      .get()
      .find((command) => command.id === id)
      ?.run();
  const items = (): MenuItem[] => usual(menu?.() ?? []);
  const usual = (own: readonly MenuItem[]): MenuItem[] => [
    ...(own.length > 0 ? [...own, 'separator' as const] : []),
    {
      label: 'System theme',
      icon: <Monitor size={17} aria-hidden />,
      isChosen: chosen === 'system',
      onChoose: () => chooseTheme('system'),
    },
    {
      label: 'Light theme',
      icon: <Sun size={17} aria-hidden />,
      isChosen: chosen === 'light',
      onChoose: () => chooseTheme('light'),
    },
    {
      label: 'Dark theme',
      icon: <Moon size={17} aria-hidden />,
      isChosen: chosen === 'dark',
      onChoose: () => chooseTheme('dark'),
    },
    'separator',
    { label: 'Find a command…', onChoose: run('page.palette') },
    { label: 'Keyboard shortcuts', onChoose: run('page.help') },
  ];
  return (
    <>
      <a className={styles['skip']} href="#main">
        Skip to the content
      </a>
      <header className={classNames(styles['header'], Boolean(trail) && styles['hasTrail'])}>
        <Link href={pages.home()} className={styles['logo'] ?? ''} aria-label="Cahier: all projects">
          <img src="/favicon.svg" alt="" width={26} height={26} />
          <span className={styles['word']} aria-hidden>
            Cahier
          </span>
        </Link>
        <div className={styles['trail']}>{trail}</div>
        <div className={styles['tools']}>
          {tools}
          <MenuButton label="More" items={items} className={styles['more']}>
            <MoreHorizontal size={19} aria-hidden />
          </MenuButton>
        </div>
      </header>
    </>
  );
}

/** A step of the trail that leads up. */
export function Crumb({ href, children }: { readonly href: string; readonly children: ReactNode }) {
  return (
    <>
      <Slash />
      <Link href={href} className={styles['crumb'] ?? ''}>
        {children}
      </Link>
    </>
  );
}

export function Slash() {
  return (
    <span className={styles['slash']} aria-hidden>
      /
    </span>
  );
}
