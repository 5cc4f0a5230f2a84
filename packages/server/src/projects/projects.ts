/**
 * The projects this server serves, and who is in them with which role. With a folder on the command line that is the
 * one project; else those under the data folder. It knows nothing of rooms or kernels (open-project.ts does).
 */
import { createHash } from 'node:crypto';
import { mkdir } from 'node:fs/promises';
import { basename, join } from 'node:path';
import type { Clock } from '@cahier/base/clock.ts';
import { Emitter } from '@cahier/base/emitter.ts';
import { asProjectId, type PersonId, type ProjectId } from '@cahier/base/ids.ts';
import type { Role } from '@cahier/core/access/rights.ts';
import { appError } from '@cahier/core/errors.ts';
import type { RoleChange } from '../people/role-change.ts';
import { newId } from '../people/secrets.ts';
import type { ProjectRow, ProjectStore } from './project-store.ts';

interface ProjectsDeps {
  readonly store: ProjectStore;
  readonly clock: Clock;
  /** Where our own projects' folders are made. */
  readonly folder: string;
}

export class Projects {
  readonly #deps: ProjectsDeps;
  /** The project named on the command line; then no other is served. */
  #only: ProjectId | null = null;
  readonly roleChanged = new Emitter<RoleChange>();

  constructor(deps: ProjectsDeps) {
    this.#deps = deps;
  }

  /** Makes `home` (absolute, links resolved) the one project that is served. Nothing is written into it. */
  async serveFolder(home: string, owner: PersonId): Promise<ProjectRow> {
    const id = asProjectId(`f${createHash('sha256').update(home).digest('hex').slice(0, 15)}`);
    this.#only = id;
    const known = await this.#deps.store.project(id);
    if (known) return known;
    const row: ProjectRow = {
      id,
      name: basename(home) || home,
      home,
      isOwnFolder: false,
      createdAt: this.#deps.clock.now(),
    };
    await this.#deps.store.add(row, owner);
    return row;
  }

  async create(name: string, owner: PersonId): Promise<ProjectRow> {
    const id = asProjectId(newId());
    const row: ProjectRow = {
      id,
      name,
      home: join(this.#deps.folder, id),
      isOwnFolder: true,
      createdAt: this.#deps.clock.now(),
    };
    await mkdir(row.home, { recursive: true, mode: 0o700 });
    await this.#deps.store.add(row, owner);
    return row;
  }

  /** The project of the folder on the command line; null without one. */
  get only(): ProjectId | null {
    return this.#only;
  }

  /** Throws `project/not-found`, also for one that this start does not serve. */
  async get(id: ProjectId): Promise<ProjectRow> {
    const row = await this.#deps.store.project(id);
    if (!row || !this.#serves(row)) throw appError('project/not-found');
    return row;
  }

  async all(): Promise<readonly ProjectRow[]> {
    return (await this.#deps.store.all()).filter((row) => this.#serves(row));
  }

  async ofPerson(person: PersonId) {
    return (await this.#deps.store.ofPerson(person)).filter(({ project }) => this.#serves(project));
  }

  /** null: not in it, or not served. */
  async role(id: ProjectId, person: PersonId): Promise<Role | null> {
    const row = await this.#deps.store.project(id);
    return row && this.#serves(row) ? this.#deps.store.role(id, person) : null;
  }

  members(id: ProjectId) {
    return this.#deps.store.members(id);
  }

  markOpened(id: ProjectId, person: PersonId): Promise<void> {
    return this.#deps.store.markOpened(id, person, this.#deps.clock.now());
  }

  /** `role` null removes. A project keeps at least one owner. Throws `people/not-in-project`, `people/last-owner`. */
  async changeRole(id: ProjectId, person: PersonId, role: Role | null): Promise<void> {
    const members = await this.#deps.store.members(id);
    const member = members.find((each) => each.person.id === person);
    if (!member) throw appError('people/not-in-project');
    const owners = members.filter((each) => each.role === 'owner');
    if (member.role === 'owner' && role !== 'owner' && owners.length === 1)
      throw appError('people/last-owner');
    if (role === null) await this.#deps.store.removeMember(id, person);
    else await this.#deps.store.setRole(id, person, role);
    this.roleChanged.emit({ project: id, person, role });
  }

  #serves(row: ProjectRow): boolean {
    return this.#only === null ? row.isOwnFolder : row.id === this.#only;
  }
}
