/** Mounts editors a few milliseconds per frame, so that scrolling past fifty cells never stops the page. */
const sliceMs = 8;
const waiting: (() => void)[] = [];
let isScheduled = false;

/** Runs `mount` soon. Returns a way to take it back. */
export function mountSoon(mount: () => void): () => void {
  waiting.push(mount);
  schedule();
  return () => {
    const at = waiting.indexOf(mount);
    if (at >= 0) waiting.splice(at, 1);
  };
}

function schedule(): void {
  if (isScheduled) return;
  isScheduled = true;
  requestAnimationFrame(() => {
    isScheduled = false;
    const end = performance.now() + sliceMs;
    // The newest first: it is nearest to where the reader has scrolled.
    for (let mount = waiting.pop(); mount; mount = performance.now() < end ? waiting.pop() : undefined)
      mount();
    if (waiting.length > 0) schedule();
  });
}
