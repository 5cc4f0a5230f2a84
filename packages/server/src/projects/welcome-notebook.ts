/** The first notebook that somebody sees: a short tour that can be run from top to bottom. */

type TourCell = readonly ['markdown' | 'code', string];

const tour: readonly TourCell[] = [
  [
    'markdown',
    `# Welcome to Cahier

This is a notebook: text like this, and code that runs. Everything is saved by itself, and nothing is ever lost: the
slider under *History* shows this page at any moment of its life.

Click into the next cell and press **Shift + Enter**. The first run starts a kernel, which takes a moment.`,
  ],
  ['code', `name = "world"\nprint(f"Hello, {name}!")`],
  [
    'markdown',
    `## Variables stay

The kernel remembers what a cell made, also when you close this page. Change the number, run the cell again, and run the
one after it.`,
  ],
  ['code', 'n = 12\nsquares = [k * k for k in range(1, n + 1)]\nsquares'],
  ['code', 'sum(squares)'],
  ['markdown', '## A picture'],
  [
    'code',
    `import matplotlib.pyplot as plt
import numpy as np

x = np.linspace(0, 4 * np.pi, 400)
fig, ax = plt.subplots(figsize=(7, 3))
ax.plot(x, np.sin(x), label="sin x")
ax.plot(x, np.sin(x) * np.exp(-x / 6), label="fading")
ax.legend()
plt.show()`,
  ],
  [
    'markdown',
    `## A question

Code may ask. Anyone who may run code here can answer, on their own screen.`,
  ],
  ['code', `color = input("What is your favourite colour? ")\nprint("You said", color)`],
  [
    'markdown',
    `## It goes on without you

Run this, close the tab, make some tea, and come back: every line is here.`,
  ],
  [
    'code',
    `import time

for step in range(1, 11):
    time.sleep(1)
    print("step", step, "of 10")`,
  ],
  [
    'markdown',
    `## Now with two people

Choose **Share**, copy the link and send it to somebody (or open it in a private window). Then try:

- Type in the same cell at once. Each of you has a cursor with a name and a colour.
- Let one person move a cell while the other types in it. Nothing gets lost.
- Let one run a cell. Both see the queue, who asked, and the output as it comes.
- Press undo. It takes back your own typing, never the other's.
- Switch off the network for a while and go on typing. It is merged when you are back.

Formulas work, too: $e^{i\\pi} + 1 = 0$. Have fun!`,
  ],
];

/** `newCellId` makes ids of 8 hexadecimal characters. In the form of Jupyter's own writer. */
export function welcomeNotebook(newCellId: () => string): Uint8Array {
  const cells = tour.map(([type, text]) => {
    const source = text.split(/(?<=\n)/);
    return type === 'code'
      ? { cell_type: type, execution_count: null, id: newCellId(), metadata: {}, outputs: [], source }
      : { cell_type: type, id: newCellId(), metadata: {}, source };
  });
  const kernelspec = { display_name: 'Python 3 (ipykernel)', language: 'python', name: 'python3' };
  const notebook = { cells, metadata: { kernelspec }, nbformat: 4, nbformat_minor: 5 };
  return new TextEncoder().encode(`${JSON.stringify(notebook, null, 1)}\n`);
}
