/**
 * What of the runner's environment a kernel sees: an allow-list, since servers are started with secrets in theirs.
 * Pure. More names come from the configuration (`passEnv`) and from the kernelspec.
 */

type Env = Readonly<Record<string, string | undefined>>;

const allowedNames: ReadonlySet<string> = new Set([
  'PATH',
  'HOME',
  'USER',
  'LOGNAME',
  'SHELL',
  'LANG',
  'LANGUAGE',
  'TZ',
  'TMPDIR',
  'TMP',
  'TEMP',
  'TERM',
  'COLORTERM',
  'HOSTNAME',
  'DISPLAY',
  'WAYLAND_DISPLAY',
  'DBUS_SESSION_BUS_ADDRESS',
  'LD_LIBRARY_PATH',
  'DYLD_LIBRARY_PATH',
  'MANPATH',
  'PKG_CONFIG_PATH',
  'CC',
  'CXX',
  'CFLAGS',
  'LDFLAGS',
  'JAVA_HOME',
  'GOPATH',
  'GOROOT',
  'CARGO_HOME',
  'RUSTUP_HOME',
  'VIRTUAL_ENV',
  'PYTHONPATH',
  'PYTHONHOME',
  'PYTHONUSERBASE',
  'PYTHONHASHSEED',
  'PYTHONWARNINGS',
  'MPLBACKEND',
  'MPLCONFIGDIR',
  'http_proxy',
  'https_proxy',
  'no_proxy',
  'all_proxy',
  'HTTP_PROXY',
  'HTTPS_PROXY',
  'NO_PROXY',
  'ALL_PROXY',
  'SSL_CERT_FILE',
  'SSL_CERT_DIR',
  'REQUESTS_CA_BUNDLE',
  'CURL_CA_BUNDLE',
  'NODE_EXTRA_CA_CERTS',
  'NODE_PATH',
  'DENO_DIR',
  'OMP_NUM_THREADS',
]);

const allowedPrefixes = [
  'LC_',
  'XDG_',
  'JUPYTER_',
  'IPYTHON',
  'CONDA_',
  'MAMBA_',
  'PYENV_',
  'PIP_',
  'UV_',
  'R_',
  'RENV_',
  'JULIA_',
  'OCTAVE_',
  'CUDA_',
  'NVIDIA_',
  'ROCM_',
  'HIP_',
  'OPENBLAS_',
  'MKL_',
  'NUMEXPR_',
  'TEX',
];

/** Names that look like a secret are left out even when a prefix would let them in (JUPYTER_TOKEN, PIP_PASSWORD). */
const secretName = /TOKEN|SECRET|PASSWORD|PASSWD|CREDENTIAL|API_?KEY|PRIVATE_?KEY/i;

export function kernelEnvironment(env: Env, passEnv: readonly string[]): Record<string, string> {
  const asked = new Set(passEnv);
  const kept: Record<string, string> = {};
  for (const [name, value] of Object.entries(env)) {
    if (value === undefined) continue;
    const isUsual = allowedNames.has(name) || allowedPrefixes.some((prefix) => name.startsWith(prefix));
    if (asked.has(name) || (isUsual && !secretName.test(name))) kept[name] = value;
  }
  return kept;
}
