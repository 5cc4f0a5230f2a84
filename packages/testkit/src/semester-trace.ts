/**
 * The history of a notebook after a semester: several authors type code and text into many cells, in bursts, with
 * corrections, moves, new cells and runs. Made for measuring (history-trace.ts is for finding mistakes): the authors
 * hear each other at once, so one replica makes all updates. The same seed gives the same log.
 */
import { asBlobHash, asCellId, asDocumentId, asPersonId, asRunId, asSessionId } from '@cahier/base/ids.ts';
import type { Entry, EntryAuthor, Origin } from '@cahier/core/history/entry.ts';
import { cellText, insertCell, moveCells, orderedCells } from '@cahier/core/notebooks/source-doc.ts';
import * as Y from 'yjs';
import { SeededRandom } from './seeded-random.ts';

export interface SemesterOptions {
  readonly seed: number;
  readonly entries: number;
  readonly authors?: number;
  readonly cells?: number;
  /** Time of the first entry, ms since the epoch. */
  readonly from?: number;
}

const lines = [
  'import numpy as np\n',
  'import pandas as pd\n',
  'import matplotlib.pyplot as plt\n',
  'df = pd.read_csv("measurements.csv")\n',
  'mean = df["temperature"].mean()\n',
  'for row in df.itertuples():\n',
  '    total += row.value * weights[row.Index]\n',
  'plt.plot(x, np.sin(x), label="sine")\n',
  'plt.legend()\n',
  'plt.show()\n',
  'def residual(params, x, y):\n',
  '    a, b = params\n',
  '    return y - (a * x + b)\n',
  'print(f"mean {mean:.3f}")\n',
  '# What do you see in the figure above? Explain in two sentences.\n',
  'The slope changes where the temperature crosses zero.\n',
  'assert result.shape == (10, 3)\n',
  'model.fit(X_train, y_train)\n',
  'score = model.score(X_test, y_test)\n',
];

/** In pieces, so that half a million entries need not be in memory at once. */
export function* semesterTrace(options: SemesterOptions): Generator<Entry[], void> {
  const { seed, entries: wanted, authors: people = 5, cells = 200, from = Date.UTC(2026, 1, 1) } = options;
  const random = new SeededRandom(seed);
  const document = asDocumentId('semester');
  const doc = new Y.Doc();
  let made: Entry[] = [];
  let seq = 0;
  let at = from;
  let origin: Origin = 'typing';
  const authors = Array.from(
    { length: people },
    (_, i): EntryAuthor => ({
      person: asPersonId(`person-${i}`),
      name: `Person ${i}`,
      session: asSessionId(`session-${i}`),
    }),
  );
  const clients = authors.map(() => random.between(1_000_000_000, 4_000_000_000));
  let author = authors[0];
  doc.on('update', (update: Uint8Array) => {
    if (author) made.push({ document, seq: (seq += 1), at, author, origin, kind: 'update', update });
  });
  const structure = (edit: () => void) => {
    origin = 'structure';
    edit();
    origin = 'typing';
  };
  let order = [asCellId('cell-0')];
  const add = (after: (typeof order)[number] | null) => {
    const id = asCellId(random.hex(8));
    const type = random.chance(0.7) ? 'code' : 'markdown';
    structure(() => insertCell(doc, { id, type, source: '' }, { after }, 'structure', random.hex(3)));
    order = orderedCells(doc).map((cell) => cell.id);
  };
  add(null);

  while (seq < wanted) {
    const who = random.below(people);
    author = authors[who];
    doc.clientID = clients[who] ?? 1;
    at += random.chance(0.02) ? random.below(6 * 3_600_000) : random.below(20_000);
    if (order.length < cells && random.chance(0.3)) add(random.pick(order));
    else if (random.chance(0.01)) {
      structure(() =>
        moveCells(doc, [random.pick(order)], { after: random.pick(order) }, 'structure', random.hex(3)),
      );
    }
    const cell = random.pick(order);
    const text = cellText(doc, cell);
    if (!text || !author) continue;
    let place = random.chance(0.6) ? text.length : random.between(0, text.length);
    const line = random.pick(lines);
    for (const key of line) {
      at += random.between(60, 320);
      text.insert(place, key);
      place += 1;
      if (random.chance(0.05)) {
        at += random.between(100, 500);
        place -= 1;
        text.delete(place, 1);
      }
    }
    // Cells do not grow for ever: somebody clears away what is no longer needed.
    if (text.length > 800) text.delete(0, 400);
    if (random.chance(0.15)) {
      at += random.between(200, 5_000);
      made.push({
        document,
        seq: (seq += 1),
        at,
        author,
        origin: 'run',
        kind: 'run',
        run: asRunId(random.hex(20)),
        cell,
        state: random.chance(0.15) ? 'failed' : 'done',
        executionCount: random.below(400),
        startedAt: at - random.below(2_000),
        outputs: asBlobHash(random.hex(64)),
      });
    }
    if (made.length >= 2_000) {
      yield made;
      made = [];
    }
  }
  yield made;
}
