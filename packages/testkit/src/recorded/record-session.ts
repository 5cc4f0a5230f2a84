/**
 * Records the twenty-minute session of lab-story.ts through the server's own open project (lab-project.ts), in fake
 * time. The same seed gives the same bytes.
 */
import { settled } from '../fake-clock.ts';
import { MemoryBlobStore } from '../memory-blob-store.ts';
import { MemoryHistoryLog } from '../memory-history-log.ts';
import { LabProject, sessionStart } from './lab-project.ts';
import { notesPath, playStory, storyFile, storyPath } from './lab-story.ts';
import type { RecordedSession } from './recorded-session.ts';

/** Takes about a second. */
export async function recordSession(seed = 1): Promise<RecordedSession> {
  const log = new MemoryHistoryLog();
  const blobs = new MemoryBlobStore();
  const lab = new LabProject({ seed, log, blobs });
  const { clock, runner, project, people } = lab;
  runner.files.externally(storyPath, storyFile);
  runner.files.externally(notesPath, '# Notes\n\n');

  /** Work that takes real time (threads, turns of the event loop): the clock waits for it. */
  let still = 0;
  const hold = async <T>(work: () => Promise<T>): Promise<T> => {
    still += 1;
    try {
      return await work();
    } finally {
      still -= 1;
    }
  };
  let isOver = false;
  const playing = playStory({
    people: { ada: lab.person('Ada'), bert: lab.person('Bert'), chioma: lab.person('Chioma') },
    at: (seconds) => lab.sleep(Math.max(0, sessionStart + seconds * 1_000 - clock.now())),
    still: hold,
    onDisk: async (path, change) => {
      await lab.sleep(3_000);
      runner.files.externally(path, change(runner.files.text(path) ?? ''));
    },
    name: ({ tab }, document, text) => {
      const { person, id: session } = tab;
      project.recorder.record({
        kind: 'mark',
        mark: 'named',
        text,
        document: document.id,
        author: { person: person.id, name: person.name, session },
        at: clock.now(),
        origin: 'structure',
      });
    },
    seq: ({ id }) => project.rooms.byDocument(id)?.lastSeq ?? 0,
  }).finally(() => {
    isOver = true;
  });
  playing.catch(() => undefined);
  while (!isOver) {
    await settled();
    const next = clock.nextAt;
    if (still > 0 || next === null) continue;
    await clock.pass(Math.max(0, next - clock.now()));
  }
  await playing;
  await clock.pass(5_000);
  const documents = project.rooms.all.map(({ room }) => ({ ...room.row, project: project.id }));
  await lab.close();
  const rows = documents.map(({ id }) => id);
  return {
    seed,
    project: project.id,
    startedAt: sessionStart,
    people,
    documents,
    entries: (await Promise.all(rows.map((id) => log.entries(id, 1, Number.MAX_SAFE_INTEGER)))).flat(),
    live: (await Promise.all(rows.map((id) => log.live(id)))).filter((row) => row !== null),
    mirrors: (await Promise.all(rows.map((id) => log.mirror(id)))).filter((row) => row !== null),
    blobs: blobs.all(project.id).map((bytes) => Uint8Array.from(bytes)),
    files: [storyPath, notesPath].map((path) => ({ path, text: runner.files.text(path) ?? '' })),
  };
}
