/** The page: collects the plugins of every part, leaves out the disabled ones and starts JupyterLab with them. */
import { plugins, renderers } from 'cahier:extensions';
import { JupyterLab, type JupyterFrontEndPlugin } from '@jupyterlab/application';
import { PageConfig } from '@jupyterlab/coreutils';
import type { IRenderMime } from '@jupyterlab/rendermime-interfaces';
import { IServiceManager } from '@jupyterlab/services';
import { PluginRegistry } from '@lumino/coreutils';
import { chosenTheme } from './chosen-theme.ts';
import { narrowWindow } from './narrow-window.ts';
import { patientKernels } from './patient-kernels.ts';
import { patientLoading } from './patient-loading.ts';
import { question } from './question.ts';
import { quietLine } from './quiet-line.ts';
import { quietRestart } from './quiet-restart.ts';
import { saveInPeace } from './save-in-peace.ts';
import { wayBack } from './way-back.ts';

type Plugin = JupyterFrontEndPlugin<unknown>;

/** CommonJS modules come as a whole: what they export by default is one step further in. */
function exported<T>({
  default: found,
}: {
  readonly default: T | { readonly default: T; readonly __esModule: true };
}): T {
  return typeof found === 'object' && found !== null && '__esModule' in found ? found.default : (found as T);
}

const { isDeferred, isDisabled } = PageConfig.Extension;
const pageOf = new Map<Plugin, string>();
for (const { name, module } of plugins) {
  for (const plugin of [exported<Plugin | Plugin[]>(module)].flat()) pageOf.set(plugin, name);
}
const own = [
  wayBack,
  saveInPeace,
  quietLine,
  quietRestart,
  patientKernels,
  patientLoading,
  question,
  chosenTheme,
  narrowWindow,
];
for (const plugin of own) pageOf.set(plugin, 'cahier');

const all = [...pageOf.keys()];
const enabled = all.filter((plugin) => !isDisabled(plugin.id));
const registry = new PluginRegistry<JupyterLab>();
registry.registerPlugins(
  enabled.map((plugin) => (isDeferred(plugin.id) ? { ...plugin, autoStart: 'defer' } : plugin)),
);

const mimeExtensions = renderers
  .filter(({ name }) => !isDisabled(name))
  .map(({ module }) => {
    const found = exported<IRenderMime.IExtension | IRenderMime.IExtension[]>(module);
    // the mark of a transpiled module is what its reader looks for
    return { __esModule: true, default: found };
  });

const lab = new JupyterLab({
  pluginRegistry: registry,
  serviceManager: await registry.resolveRequiredService(IServiceManager),
  mimeExtensions,
  disabled: { patterns: [], matches: all.filter((plugin) => isDisabled(plugin.id)).map(({ id }) => id) },
  deferred: { patterns: [], matches: enabled.filter((plugin) => isDeferred(plugin.id)).map(({ id }) => id) },
  availablePlugins: all.map((plugin) => ({
    id: plugin.id,
    description: plugin.description ?? '',
    autoStart: plugin.autoStart ?? false,
    extension: pageOf.get(plugin) ?? '',
    enabled: !isDisabled(plugin.id),
    requires: plugin.requires ?? [],
    optional: plugin.optional ?? [],
    provides: plugin.provides ?? null,
  })),
});

// for programs that drive this page
if (PageConfig.getOption('exposeAppInBrowser') === 'true') Reflect.set(window, 'jupyterapp', lab);

await lab.start({ bubblingKeydown: true });
document.getElementById('cahier-opening')?.remove();
await lab.restored;
document.documentElement.dataset['labReady'] = 'true';
