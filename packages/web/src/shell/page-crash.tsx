import { Component, type ReactNode } from 'react';
import { Button } from '../ui/button.tsx';
import { EmptyState } from '../ui/empty-state.tsx';

/** The last net: a page that broke says so in words instead of going blank. Typing is safe in the browser's storage. */
export class PageCrash extends Component<
  { readonly children: ReactNode },
  { readonly message: string | null }
> {
  override state = { message: null };

  static getDerivedStateFromError(error: unknown) {
    return { message: error instanceof Error ? error.message : String(error) };
  }

  override render() {
    const { message } = this.state;
    if (message === null) return this.props.children;
    return (
      <main>
        <EmptyState
          isPage
          title="This page stopped working"
          actions={
            <Button look="primary" onClick={() => location.reload()}>
              Reload the page
            </Button>
          }
        >
          What you typed is kept. Reload to go on; if it happens again, report this: <code>{message}</code>
        </EmptyState>
      </main>
    );
  }
}
