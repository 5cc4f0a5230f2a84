import type { CloseVerdict } from '../link/classify-close.ts';
import { pages } from '../link/urls.ts';
import { Button, buttonClass } from '../ui/button.tsx';
import { EmptyState } from '../ui/empty-state.tsx';
import { SignIn } from './sign-in.tsx';

/** The link is over for good: says why and what to do. Nothing typed is lost; it stays in the browser's storage. */
export function LinkEnded({
  verdict,
  message,
}: {
  readonly verdict: CloseVerdict;
  readonly message: string;
}) {
  switch (verdict.do) {
    case 'sign-in':
      return <SignIn />;
    case 'reload':
      return (
        <main>
          <EmptyState
            isPage
            title="There is a newer version"
            actions={
              <Button look="primary" onClick={() => location.reload()}>
                Reload the page
              </Button>
            }
          >
            The server was updated while this page was open. What you typed is kept and will be there after
            reloading.
          </EmptyState>
        </main>
      );
    case 'retry':
    case 'give-up':
      return (
        <main>
          <EmptyState
            isPage
            title="You cannot open this"
            actions={
              <a className={buttonClass('primary')} href={pages.home()}>
                Go to your projects
              </a>
            }
          >
            {message || 'There is no such project, or you are not in it. Ask its owner for an invitation.'}
          </EmptyState>
        </main>
      );
  }
}
