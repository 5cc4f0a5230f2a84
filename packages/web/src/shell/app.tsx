/** All pages by address, and what lies over every page: toasts, command palette, keyboard help. */
import { lazy, Suspense, useEffect, useState } from 'react';
import { asProjectId } from '@cahier/base/ids.ts';
import { Route, Switch, useLocation } from 'wouter';
import { documentPath, pages } from '../link/urls.ts';
import { EmptyState } from '../ui/empty-state.tsx';
import { ToastList } from '../ui/toast-list.tsx';
import { registerCommands } from './commands.ts';
import { PageCrash } from './page-crash.tsx';
import { chooseTheme } from './theme.ts';
import { buttonClass } from '../ui/button.tsx';

const HomePage = lazy(() => import('../projects/home-page.tsx').then((m) => ({ default: m.HomePage })));
const HelpPage = lazy(() => import('../help/help-page.tsx').then((m) => ({ default: m.HelpPage })));
const JoinPage = lazy(() => import('../people/join-page.tsx').then((m) => ({ default: m.JoinPage })));
const projectPlace = () => import('./project-place.tsx').then((m) => ({ default: m.ProjectPlace }));
const ProjectPlace = lazy(projectPlace);
const documentPage = () => import('./document-page.tsx').then((m) => ({ default: m.DocumentPage }));
const ProjectPage = lazy(() =>
  import('../projects/project-page.tsx').then((m) => ({ default: m.ProjectPage })),
);
const ProjectHistoryPage = lazy(() =>
  import('../history/project-history-page.tsx').then((m) => ({ default: m.ProjectHistoryPage })),
);
const DocumentPage = lazy(documentPage);
const TerminalPage = lazy(() =>
  import('../terminals/terminal-page.tsx').then((m) => ({ default: m.TerminalPage })),
);
const CommandPalette = lazy(() =>
  import('./command-palette.tsx').then((m) => ({ default: m.CommandPalette })),
);
const KeyboardHelp = lazy(() => import('./keyboard-help.tsx').then((m) => ({ default: m.KeyboardHelp })));

// The parts of the page that was asked for are fetched at once, not one after the other.
if (location.pathname.startsWith('/p/')) {
  void projectPlace();
  if (location.pathname.includes('/edit/')) void documentPage();
}

export function App() {
  const [over, setOver] = useState<'palette' | 'help' | null>(null);
  const [, navigate] = useLocation();
  useEffect(() => {
    const registration = registerCommands([
      {
        id: 'page.palette',
        title: 'Find a command',
        group: 'Page',
        keys: ['$mod+Shift+p', '$mod+k', 'p'],
        run: () => setOver('palette'),
      },
      {
        id: 'page.help',
        title: 'Keyboard shortcuts',
        group: 'Page',
        keys: ['?', 'h'],
        run: () => setOver('help'),
      },
      { id: 'page.home', title: 'Go to all projects', group: 'Page', run: () => navigate(pages.home()) },
      { id: 'theme.light', title: 'Light theme', group: 'Page', run: () => chooseTheme('light') },
      { id: 'theme.dark', title: 'Dark theme', group: 'Page', run: () => chooseTheme('dark') },
      { id: 'theme.system', title: 'Theme of the system', group: 'Page', run: () => chooseTheme('system') },
    ]);
    return () => registration.dispose();
  }, [navigate]);
  return (
    <PageCrash>
      <Suspense fallback={null}>
        <Switch>
          <Route path="/" component={HomePage} />
          <Route path="/join" component={JoinPage} />
          <Route path="/help/:topic">{({ topic }) => <HelpPage topic={topic ?? ''} />}</Route>
          <Route path="/p/:project/*?">
            {({ project }) => (
              <ProjectPlace key={project} project={asProjectId(project ?? '')}>
                <Switch>
                  <Route path="/p/:project" component={ProjectPage} />
                  <Route path="/p/:project/history" component={ProjectHistoryPage} />
                  <Route path="/p/:project/edit/*">
                    {() => <DocumentPage path={documentPath(location.pathname)} />}
                  </Route>
                  <Route path="/p/:project/terminals/:terminal">
                    {({ terminal }) => <TerminalPage key={terminal} name={terminal} />}
                  </Route>
                  <Route component={NotFound} />
                </Switch>
              </ProjectPlace>
            )}
          </Route>
          <Route component={NotFound} />
        </Switch>
      </Suspense>
      <Suspense fallback={null}>
        {over === 'palette' && <CommandPalette onClose={() => setOver(null)} />}
        {over === 'help' && <KeyboardHelp onClose={() => setOver(null)} />}
      </Suspense>
      <PageName />
      <ToastList />
    </PageCrash>
  );
}

/** Says the new page's name to screen readers: the browser does so only when it loads a page. */
function PageName() {
  const [address] = useLocation();
  const [name, setName] = useState('');
  useEffect(() => {
    const timer = setTimeout(() => setName(document.title), 500);
    return () => clearTimeout(timer);
  }, [address]);
  return <output className="visually-hidden">{name}</output>;
}

function NotFound() {
  return (
    <main>
      <EmptyState
        isPage
        title="There is no such page"
        actions={
          <a className={buttonClass('primary')} href={pages.home()}>
            Go to your projects
          </a>
        }
      >
        The address may be mistyped, or what was here has moved.
      </EmptyState>
    </main>
  );
}
