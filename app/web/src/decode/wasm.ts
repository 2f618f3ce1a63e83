import { DecodeError, MAX_PAYLOAD, type PartDecoder } from './part';

interface Exports {
  memory: WebAssembly.Memory;
  __heap_base: WebAssembly.Global;
  decode(
    payload: number,
    payloadBytes: number,
    codec: number,
    filter: number,
    element: number,
    first: number,
    second: number,
    base: number,
    size: number,
  ): number;
}

const FAULTS: Record<number, string> = {
  [-1]: 'truncated',
  [-2]: 'overlong',
  [-3]: 'bad offset',
  [-4]: 'bad length',
  [-5]: 'unknown codec or filter',
};

/** wasm/decode.cpp. Its memory: payload, first, second, base, one after the other, grown when a part needs more. */
export class WasmDecoder implements PartDecoder {
  readonly name = 'wasm';
  private readonly heap: number;

  private constructor(private readonly code: Exports) {
    this.heap = (Number(code.__heap_base.value) + 15) & ~15;
  }

  static async load(bytes: BufferSource): Promise<WasmDecoder> {
    const { instance } = await WebAssembly.instantiate(bytes, {});
    return new WasmDecoder(instance.exports as unknown as Exports);
  }

  decode(
    payload: Uint8Array,
    codec: number,
    filter: number,
    element: number,
    size: number,
    base: Uint8Array | null,
  ): Uint8Array {
    if (payload.length > MAX_PAYLOAD) throw new DecodeError('bad length');
    if (filter & 1 && base?.length !== size) throw new DecodeError('no base to add to');
    const first = this.heap + aligned(payload.length);
    const second = first + aligned(size);
    const baseAt = second + aligned(size);
    this.reserve(baseAt + aligned(size));
    let memory = new Uint8Array(this.code.memory.buffer);
    memory.set(payload, this.heap);
    if (filter & 1 && base) memory.set(base, baseAt);
    const result = this.code.decode(
      this.heap,
      payload.length,
      codec,
      filter,
      element,
      first,
      second,
      baseAt,
      size,
    );
    if (result < 0) throw new DecodeError(FAULTS[result] ?? `fault ${result}`);
    memory = new Uint8Array(this.code.memory.buffer);
    const at = result === 0 ? first : second;
    return memory.subarray(at, at + size);
  }

  private reserve(bytes: number): void {
    const missing = bytes - this.code.memory.buffer.byteLength;
    if (missing > 0) this.code.memory.grow(Math.ceil(missing / 65536));
  }
}

function aligned(bytes: number): number {
  return (bytes + 31) & ~15; // at least 16 spare bytes between buffers
}
