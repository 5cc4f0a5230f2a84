/** Made by bundle.ts from the dependencies in package.json. */
declare module 'cahier:extensions' {
  interface Part {
    readonly name: string;
    readonly module: { readonly default: never };
  }
  export const plugins: readonly Part[];
  export const renderers: readonly Part[];
}

declare module '*.svg' {
  const text: string;
  export default text;
}
