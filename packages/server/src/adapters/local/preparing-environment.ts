import { runnerEnvironment } from './runner-environment.ts';

/** All but what looks like a secret: pip and npm need proxies, certificates, caches and settings nobody can list. */
export function preparingEnvironment(
  env: Readonly<Record<string, string | undefined>>,
): Record<string, string> {
  const kept: Record<string, string> = {};
  for (const [name, value] of Object.entries(env)) {
    const isSecret = /TOKEN|SECRET|PASSW|CREDENTIAL|_KEY$/i.test(name) || name.startsWith('CAHIER_');
    if (value !== undefined && !isSecret && name !== 'NODE_OPTIONS') kept[name] = value;
  }
  return { ...kept, ...runnerEnvironment(env) };
}
