/**
 * What happens in the recorded session: Ada, Bert and Chioma work out how a cup of tea cools, in twenty minutes. Everything
 * that a history can show is in it: typing with slips, pastes, moves, splits, merges, undo, runs, errors, a kernel that
 * dies, a restart, a change of kernel, a change on disk, a break with a name, a restore.
 */
import { asCellId, type CellId } from '@cahier/base/ids.ts';
import {
  cellText,
  cellType,
  changeType,
  deleteCells,
  insertCell,
  mergeCells,
  moveCells,
  orderedCells,
  splitCell,
} from '@cahier/core/notebooks/source-doc.ts';
import type { CellType } from '@cahier/core/notebooks/notebook.ts';
import type { SeededRandom } from '../seeded-random.ts';
import type { LabTab, TabDocument } from './lab-tab.ts';
import { degreesMeasured, secondsMeasured } from './lab-outputs.ts';
import { type Caret, placeIn, textIn, type Typist } from './typist.ts';

export const storyPath = 'lab/cooling.ipynb';
export const notesPath = 'lab/notes.md';
export const kernelNames = ['python3', 'python3-lab'] as const;

const cell = (id: string, type: CellType, source: string) => ({
  cell_type: type,
  id,
  metadata: {},
  source,
  ...(type === 'code' ? { execution_count: null, outputs: [] } : {}),
});

/** The notebook that the teacher has prepared. */
export const storyFile = `${JSON.stringify(
  {
    cells: [
      cell('title', 'markdown', '# A cup of tea\n\nHow does it cool? Measure, plot, and find a law.'),
      cell('setup', 'code', 'import numpy as np\n'),
      cell('task', 'markdown', '## 1. Measurements'),
    ],
    metadata: { kernelspec: { display_name: 'Python 3', language: 'python', name: 'python3' } },
    nbformat: 4,
    nbformat_minor: 5,
  },
  null,
  1,
)}\n`;

/** One of the three, with hands. */
export interface LabPerson {
  readonly tab: LabTab;
  readonly typist: Typist;
  readonly random: SeededRandom;
}

export interface LabStage {
  readonly people: { readonly ada: LabPerson; readonly bert: LabPerson; readonly chioma: LabPerson };
  /** Resolves at this time of the session, seconds; at once when it is over. */
  at(seconds: number): Promise<void>;
  /** Another program changes the notebook's file, when all of the document is in it. */
  onDisk(path: string, change: (text: string) => string): Promise<void>;
  /** The clock stands until this is done. */
  still<T>(work: () => Promise<T>): Promise<T>;
  /** Gives the moment a name. */
  name(person: LabPerson, document: TabDocument, text: string): void;
  /** Number of the document's last entry. */
  seq(document: TabDocument): number;
}

const data = `seconds = [${secondsMeasured.join(', ')}]\ndegrees = [${degreesMeasured.join(', ')}]\n`;

export async function playStory(stage: LabStage): Promise<void> {
  const { ada, bert, chioma } = stage.people;
  const { at } = stage;
  const adas = await ada.tab.open(storyPath);
  const berts = await bert.tab.open(storyPath);
  const chiomas = await chioma.tab.open(storyPath);
  const setup = asCellId('setup');
  const task = asCellId('task');
  const ids = new Map<string, CellId>();
  const idOf = (name: string): CellId => {
    const id = ids.get(name);
    if (!id) throw new Error(`no cell is called ${name}`);
    return id;
  };
  const add = (who: LabPerson, document: TabDocument, name: string, type: CellType, after: CellId) => {
    const id = asCellId(who.random.hex(8));
    ids.set(name, id);
    const made = { id, type, source: '' };
    insertCell(document.doc, made, { after }, 'structure', who.random.hex(3));
    return id;
  };
  const paste = (document: TabDocument, id: CellId, text: string, where: Caret = 'end') => {
    const into = textIn(document, id);
    document.doc.transact(() => into.insert(placeIn(into.toJSON(), where), text), 'paste');
  };
  const run = (who: LabPerson, document: TabDocument, ...cells: CellId[]) =>
    who.tab.ask({ t: 'run.queue', id: 1, doc: document.id, cells });
  const write = (who: LabPerson, document: TabDocument, id: CellId, text: string, where?: Caret) =>
    who.typist.type(document, id, text, where);

  const teacher = async () => {
    await at(6);
    await write(ada, adas, asCellId('title'), ' Work together; everybody may change everything.');
    await at(50);
    await write(ada, adas, setup, 'import matplotlib.pyplot as plt\nfrom scipy.optimize import curve_fit\n');
    await run(ada, adas, setup);
    await at(235);
    await write(ada, adas, task, '\n\nEvery minute at first, later every two. The room has 20 °C.');
    await at(520);
    const hint = add(ada, adas, 'hint', 'markdown', idOf('model'));
    await write(
      ada,
      adas,
      hint,
      'Hint: the tea loses heat the faster, the warmer it is compared with the room.',
    );
    await at(600);
    moveCells(adas.doc, [hint], { after: task }, 'structure', ada.random.hex(3));
    await at(655);
    await stage.onDisk(storyPath, (text) =>
      text.replace('The room has 20 °C.', 'The room has 21 °C (thermometer at the window).'),
    );
    await at(690);
    stage.name(ada, adas, 'Before the break');
    // A break: nobody writes for two minutes.
    await at(1_010);
    const good = stage.seq(adas);
    await at(1_046);
    await stage.still(() => ada.tab.ask({ t: 'doc.restore', id: 1, doc: adas.id, seq: good }));
    await at(1_150);
    await write(ada, adas, idOf('end'), '\n\nWell done, all three of you!');
    await at(1_190);
    stage.name(ada, adas, 'Handed in');
  };

  const first = async () => {
    await at(24);
    const values = add(bert, berts, 'values', 'code', task);
    await write(bert, berts, values, '# from the thermometer\n');
    await at(75);
    paste(berts, values, data);
    await at(82);
    await write(bert, berts, values, 'print(len(seconds), "measurements")');
    await run(bert, berts, values);
    await at(130);
    const look = add(bert, berts, 'look', 'code', values);
    await write(bert, berts, look, 'table(seconds, degrees)');
    await run(bert, berts, look);
    await at(170);
    const plot = add(bert, berts, 'plot', 'code', look);
    await write(bert, berts, plot, 'plt.plot(seconds, degrees, "o")\nplt.xlabel("time in s")\nplt.show()');
    await run(bert, berts, plot);
    await at(300);
    const model = add(bert, berts, 'model', 'code', plot);
    await write(
      bert,
      berts,
      model,
      'def model(t, k):\n    return room + (kelvin - room) * np.exp(-k * t)\n\nroom = 20\nprint(model(60, 0.001))',
    );
    await run(bert, berts, model);
    await at(395);
    await bert.typist.erase(berts, model, 6, { after: 'kelvin' });
    await write(bert, berts, model, 'degrees[0]', { before: ' - room) *' });
    await run(bert, berts, model);
    await at(450);
    const at1 = placeIn(cellText(berts.doc, model)?.toJSON() ?? '', { before: 'room = 20' });
    const constants = asCellId(bert.random.hex(8));
    ids.set('constants', constants);
    splitCell(berts.doc, model, at1, constants, 'structure', bert.random.hex(3));
    await at(462);
    await write(bert, berts, constants, '# the room, in °C\n', 0);
    await run(bert, berts, constants, model);
    await at(560);
    paste(berts, model, data);
    await at(566);
    berts.undo.undo();
    await at(840);
    const fit = add(bert, berts, 'fit', 'code', model);
    await write(
      bert,
      berts,
      fit,
      'best, spread = curve_fit(model, seconds, degrees)\nfor n in range(5):\n    print("try", n)\nbest',
    );
    await run(bert, berts, fit);
    await at(930);
    const big = add(bert, berts, 'big', 'code', fit);
    await write(bert, berts, big, 'np.zeros((400_000, 400_000))');
    await run(bert, berts, big);
    await at(975);
    deleteCells(berts.doc, [big], 'structure');
    await bert.tab.ask({ t: 'kernel.restart', id: 1, doc: berts.id });
    await run(bert, berts, ...codeCells(berts));
    await at(1_018);
    // The cat on the keyboard: what Ada brings back.
    deleteCells(berts.doc, [idOf('plot'), idOf('look')], 'structure');
    await write(bert, berts, idOf('fit'), '\nzzzzzzzzzzzuuuuuuuu');
    await at(1_060);
    await run(bert, berts, idOf('fit'));
    await at(1_085);
    await write(bert, berts, idOf('end'), '\n\nThe fit is good after the first minute. ');
  };

  const second = async () => {
    await at(40);
    const guess = add(chioma, chiomas, 'guess', 'markdown', asCellId('title'));
    await write(chioma, chiomas, guess, '**Guess:** it cools by the same number of degrees every minute.');
    await at(260);
    await write(chioma, chiomas, idOf('plot'), 'plt.ylabel("temperature in °C")\n', { before: 'plt.show' });
    await run(chioma, chiomas, idOf('plot'));
    await at(330);
    await write(chioma, chiomas, guess, '\n\nThe curve says no: it bends.');
    await at(370);
    const notes = await chioma.tab.open(notesPath);
    await chioma.typist.type(notes, null, '- thermometer: window, 21 degrees\n- tea: 250 ml, no milk\n');
    await at(480);
    await write(chioma, chiomas, idOf('look'), '.head()', 'end');
    await run(chioma, chiomas, idOf('look'));
    await at(545);
    await write(chioma, chiomas, guess, 'Sorry: ', { before: 'The curve' });
    await at(553);
    for (let n = 0; n < 7; n += 1) chiomas.undo.undo();
    await at(820);
    await chioma.tab.ask({ t: 'kernel.select', id: 1, doc: chiomas.id, name: kernelNames[1] });
    await run(chioma, chiomas, ...codeCells(chiomas));
    await at(872);
    paste(chiomas, idOf('plot'), 'plt.plot(seconds, model(np.array(seconds), best), "-")\n', {
      before: 'plt.xlabel',
    });
    await chioma.typist.type(chiomas, idOf('plot'), '# the law in orange\n', 0);
    await at(905);
    moveCells(chiomas.doc, [idOf('plot')], { after: idOf('fit') }, 'structure', chioma.random.hex(3));
    await run(chioma, chiomas, idOf('plot'));
    await at(948);
    const end = add(chioma, chiomas, 'end', 'code', idOf('plot'));
    changeType(chiomas.doc, end, 'markdown', 'structure');
    await write(
      chioma,
      chiomas,
      end,
      '## What we found\n\nThe difference to the room halves in about eleven minutes.',
    );
    await at(1_070);
    const half = add(chioma, chiomas, 'half', 'code', idOf('plot'));
    await write(chioma, chiomas, half, 'half_time = np.log(2) / best[0]\nprint(half_time)');
    await run(chioma, chiomas, half);
    await at(1_120);
    mergeCells(chiomas.doc, [idOf('constants'), idOf('model')], 'structure');
    await at(1_128);
    await write(chioma, chiomas, idOf('end'), 'So the guess was wrong. ', { before: 'The difference' });
    await at(1_165);
    await run(chioma, chiomas, ...codeCells(chiomas));
  };

  await Promise.all([teacher(), first(), second()]);
  await at(1_200);
}

function codeCells({ doc }: TabDocument): CellId[] {
  return orderedCells(doc)
    .map(({ id }) => id)
    .filter((id) => cellType(doc, id) === 'code');
}
