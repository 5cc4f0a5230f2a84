/**
 * `cahier git-diff`: Git's external diff program. Git calls it with `path old-file old-hex old-mode new-file new-hex
 * new-mode`, with two more arguments (`new-path`, headers) for a renamed file, and with the path alone when the file
 * is unmerged. Source: git(1), GIT_EXTERNAL_DIFF.
 */
import { type CommandIo, type Exit, exits, isColoured, UsageError } from './command.ts';
import { diffInputs } from './diff.ts';
import { painter } from './print-text.ts';
import { readInput } from './read-input.ts';

/** Always 0 for what could be shown: Git takes anything else for a crash and stops. */
export async function gitDiffCommand(argv: readonly string[], io: CommandIo): Promise<Exit> {
  const [path, oldFile, , oldMode, newFile, , newMode, newPath, headers] = argv;
  if (path === undefined) throw new UsageError('cahier git-diff is for Git; use “cahier diff A B”.');
  if (oldFile === undefined || newFile === undefined) {
    io.out(`* Unmerged path ${path}\n`);
    return exits.ok;
  }
  const shown = { isColoured: isColoured(undefined, io), isJson: false, withResults: true };
  const later = newPath ?? path;
  const [before, after] = await Promise.all([
    readInput(oldFile, io.cwd, path),
    readInput(newFile, io.cwd, later),
  ]);
  const { lines } = diffInputs(before, after, { before: `a/${path}`, after: `b/${later}` }, shown, io);
  const paint = painter(shown.isColoured);
  const isNew = oldFile === '/dev/null';
  const isDeleted = newFile === '/dev/null';
  const heads = [
    paint(`diff --cahier a/${path} b/${later}`, 'heading'),
    ...(headers ?? '').split('\n').filter((line) => line !== '' && !line.startsWith('index ')),
    ...(isNew ? ['new file'] : isDeleted ? ['deleted file'] : []),
    ...(!isNew && !isDeleted && oldMode !== newMode ? [`mode ${oldMode} → ${newMode}`] : []),
    paint(`--- ${isNew ? '/dev/null' : `a/${path}`}`, 'removed'),
    paint(`+++ ${isDeleted ? '/dev/null' : `b/${later}`}`, 'added'),
  ];
  const body = lines.length > 0 ? lines : ['(the notebooks are the same; the files are written differently)'];
  io.out(`${[...heads, ...body].join('\n')}\n`);
  return exits.ok;
}
