/**
 * The open project of a lab session: real rooms, recorder, runs and mirrors over a runner of scripts, in fake time.
 */
import { asPersonId, asProjectId, asSessionId } from '@cahier/base/ids.ts';
import { kinds } from '@cahier/core/documents/kinds.ts';
import type { KernelspecOnWire } from '@cahier/protocol/project-facts.ts';
import { MainDatabase } from '@cahier/server/adapters/sqlite/main-database.ts';
import { RunnerTokenTable } from '@cahier/server/adapters/sqlite/runner-token-table.ts';
import type { BlobStore } from '@cahier/server/blobs/blob-store.ts';
import type { HistoryLog } from '@cahier/server/history/history-log.ts';
import { StepStore } from '@cahier/server/history/step-store.ts';
import type { Person } from '@cahier/server/http/principal.ts';
import { presenceColors } from '@cahier/server/people/colors.ts';
import { OpenProject } from '@cahier/server/projects/open-project.ts';
import { pino } from 'pino';
import * as Y from 'yjs';
import { FakeClock } from '../fake-clock.ts';
import { pythonSpec } from '../fake-runner.ts';
import { MemoryStepLog } from '../memory-step-log.ts';
import { SeededRandom } from '../seeded-random.ts';
import { labScript } from './lab-outputs.ts';
import { LabRunner } from './lab-runner.ts';
import { kernelNames, type LabPerson } from './lab-story.ts';
import { LabTab } from './lab-tab.ts';
import { Typist } from './typist.ts';
import { Vouchers } from '@cahier/server/rooms/vouchers.ts';

export const sessionStart = Date.UTC(2026, 2, 4, 13, 30);
const id = asProjectId('tea-lab');
const names = ['Ada', 'Bert', 'Chioma'] as const;
/** Slower and faster hands. */
const hands = {
  Ada: { keyMs: 150, slips: 0.03 },
  Bert: { keyMs: 190, slips: 0.06 },
  Chioma: { keyMs: 120, slips: 0.04 },
};

const specs: readonly KernelspecOnWire[] = [
  pythonSpec,
  { ...pythonSpec, name: kernelNames[1], displayName: 'Python 3 (lab server)' },
];

export interface LabOptions {
  readonly seed: number;
  readonly log: HistoryLog;
  readonly blobs: BlobStore;
}

export class LabProject {
  readonly clock = new FakeClock(sessionStart);
  readonly runner: LabRunner;
  readonly project: OpenProject;
  readonly people: readonly Person[];
  readonly #random: SeededRandom;
  readonly #db = new MainDatabase(':memory:');

  constructor({ seed, log, blobs }: LabOptions) {
    const random = new SeededRandom(seed);
    this.#random = random;
    const { clock } = this;
    const ids = random.fork();
    const kernels = random.fork();
    this.runner = new LabRunner(
      { clock, specs, script: labScript, stepMs: () => kernels.between(60, 900), startMs: 800 },
      (wire, hello) => void this.project.runner.attach(wire, hello),
    );
    this.project = new OpenProject(
      { id, name: 'Tea lab', home: '/', isOwnFolder: true, createdAt: sessionStart },
      {
        log,
        blobs,
        kinds,
        steps: new StepStore({ log, steps: new MemoryStepLog() }),
        host: this.runner,
        tokens: new RunnerTokenTable(this.#db),
        vouchers: new Vouchers('of the recording'),
        clock,
        logger: pino({ level: 'silent' }),
        random: () => random.next(),
        newId: (length) => ids.hex(length),
        lag: () => 0,
        newDoc: () => {
          const doc = new Y.Doc();
          doc.clientID = this.#newClient();
          return doc;
        },
      },
    );
    this.people = names.map((name, i) => ({
      id: asPersonId(`lab-${name.toLowerCase()}`),
      name,
      color: presenceColors[i] ?? presenceColors[0],
    }));
  }

  /** Enters with a tab of their own. */
  person(name: (typeof names)[number]): LabPerson {
    const who = this.people.find((each) => each.name === name);
    if (!who) throw new Error(`nobody is called ${name}`);
    const tab = new LabTab(asSessionId(`${who.id}-tab`), who, this.project.frames, () => this.#newClient());
    this.project.enter(tab);
    const random = this.#random.fork();
    const sleep = (ms: number) => this.sleep(ms);
    return { tab, typist: new Typist({ tab, random: random.fork(), sleep, ...hands[name] }), random };
  }

  sleep(ms: number): Promise<void> {
    return new Promise((resolve) => void this.clock.after(ms, resolve));
  }

  /** Writes everything and ends. */
  async close(): Promise<void> {
    let isClosed = false;
    const closing = this.project.close('leave').finally(() => {
      isClosed = true;
    });
    closing.catch(() => undefined);
    while (!isClosed) await this.clock.pass(100);
    await closing;
    this.#db.close();
  }

  #newClient(): number {
    return this.#random.between(1_000_000, 4_000_000_000);
  }
}
