/** The part of WebAssembly that is used here; Node has it, but its types come only with a browser's. */
declare namespace WebAssembly {
  class Module {
    constructor(bytes: Uint8Array);
  }
  class Instance {
    readonly exports: unknown;
    constructor(module: Module, imports: Record<string, Record<string, unknown>>);
  }
  class RuntimeError extends Error {}
  class Memory {
    readonly buffer: ArrayBuffer;
    /** @param sizes in pages of 64 KB */
    constructor(sizes: { initial: number; maximum?: number });
    grow(pages: number): number;
  }
  function compile(bytes: Uint8Array): Promise<Module>;
}
