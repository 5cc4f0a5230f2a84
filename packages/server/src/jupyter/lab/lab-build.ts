/**
 * A JupyterLab page that has been built, and the way to one. Ports: adapters/local keeps builds in folders and makes them
 * in a process of their own. A build is named by what it was made from, so it never changes.
 */
import type { LabState } from '@cahier/protocol/http/jupyterlab.ts';
import type { BuiltFiles } from '../../http/built-files.ts';

export interface LabBuild {
  /** Name of the build, safe in an address. */
  readonly key: string;
  /** Of JupyterLab. */
  readonly version: string;
  /** Paths in `files`. */
  readonly entry: string;
  readonly style: string | null;
  /** Plugins whose work others of this build do when people edit together. */
  readonly replaced: readonly string[];
  /** By id, as `@jupyterlab/notebook-extension:tracker`. */
  readonly settings: ReadonlyMap<string, LabSetting>;
  readonly files: BuiltFiles;
}

export interface LabSetting {
  readonly version: string;
  readonly schema: Readonly<Record<string, unknown>>;
}

export interface LabBuilds {
  /** The one made from the parts of this Cahier; null: not made yet. */
  current(): Promise<LabBuild | null>;
  /** Earlier ones, too, for tabs that are still open. */
  byKey(key: string): Promise<LabBuild | null>;
}

export interface LabPreparation {
  state(): Promise<LabState>;
  /** One at a time: whoever asks meanwhile joins in. */
  start(): void;
}
