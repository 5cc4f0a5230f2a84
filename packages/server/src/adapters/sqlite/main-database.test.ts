import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { MainDatabase } from './main-database.ts';

let folder = '';
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'cahier-db-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

describe('the main database', () => {
  it('is opened again as it was left', () => {
    const path = join(folder, 'main.sqlite');
    const first = new MainDatabase(path);
    first.sql.prepare("insert into person values ('a', 'Ada', '#000', 1, 1)").run();
    first.close();
    const again = new MainDatabase(path);
    expect(again.sql.prepare('select name from person').get()).toEqual({ name: 'Ada' });
    again.close();
  });

  it('undoes all of a transaction that fails', () => {
    const db = new MainDatabase(':memory:');
    expect(() =>
      db.transaction(() => {
        db.sql.prepare("insert into person values ('a', 'Ada', '#000', 1, 1)").run();
        throw new Error('no');
      }),
    ).toThrow('no');
    expect(db.sql.prepare('select count(*) as n from person').get()).toEqual({ n: 0 });
    db.close();
  });

  it('of a newer version, or that is none, is refused and left alone', async () => {
    const path = join(folder, 'main.sqlite');
    const newer = new MainDatabase(path);
    newer.sql.exec('pragma user_version = 99');
    newer.close();
    expect(() => new MainDatabase(path)).toThrow(expect.objectContaining({ code: 'storage/too-new' }));
    const other = join(folder, 'other.sqlite');
    await writeFile(other, 'this is no database, whatever its name says');
    expect(() => new MainDatabase(other)).toThrow(expect.objectContaining({ code: 'storage/open-failed' }));
  });
});
