// Before the first paint, so that a chosen theme never flashes. The rest of the theme is src/shell/theme.ts.
try {
  const theme = localStorage.getItem('cahier-theme');
  if (theme === 'light' || theme === 'dark') document.documentElement.dataset.theme = theme;
} catch {
  // storage is switched off: the system's theme it is
}
