import { Button } from '../ui/button.tsx';
import { EmptyState } from '../ui/empty-state.tsx';

/** Nobody is signed in: there are no passwords here, only links. */
export function SignIn() {
  return (
    <main>
      <EmptyState
        isPage
        title="Please come in by a link"
        actions={
          <Button look="primary" onClick={() => location.reload()}>
            Try again
          </Button>
        }
      >
        <p>
          <strong>Is this your own Cahier?</strong> Look at the terminal where it runs: it printed a line
          “Cahier is ready at …?token=…”. Open that address here.
        </p>
        <p>
          <strong>Were you invited?</strong> Open the invitation link again in this browser, or ask for a new
          one.
        </p>
      </EmptyState>
    </main>
  );
}
