/** Decodes the payload of one part. Two implementations: wasm.ts, and js.ts where WebAssembly is not allowed. */
export interface PartDecoder {
  readonly name: 'wasm' | 'js';
  /**
   * Undoes codec, byte-shuffle and delta; `base` holds the base's same texels when `filter` has delta.
   * The result has `size` bytes and is overwritten by the next call. Throws DecodeError.
   */
  decode(
    payload: Uint8Array,
    codec: number,
    filter: number,
    element: number,
    size: number,
    base: Uint8Array | null,
  ): Uint8Array;
}

export class DecodeError extends Error {}

export const MAX_PAYLOAD = 1 << 24;
