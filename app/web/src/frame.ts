// What the parts of FIELD messages become: a frame to draw, or word that there is none.

/** What a subscription shows: told by the reply to `sub` and `sub.update`. */
export interface Extent {
  roi: [number, number, number, number];
  lod: number;
  size: [number, number];
}

export type TexelType = 'u8' | 'f16' | 'f32';

export interface Frame {
  sub: number;
  seq: number;
  step: number;
  time: number;
  /** Server clock when the field was read, microseconds. */
  clock: number;
  still: boolean;
  z: number;
  lod: number;
  roi: [number, number, number, number];
  width: number;
  height: number;
  /** Planar: all of channel 0 first. */
  channels: number;
  type: TexelType;
  /** value = offset + scale * texel; u8 255 is NaN or infinite. */
  scale: number;
  offset: number;
  wireBytes: number;
  texels: ArrayBuffer;
}

/** A frame that could not be shown; the subscription needs a KEY frame to go on. */
export interface Dropped {
  dropped: true;
  sub: number;
  seq: number;
  reason: string;
}
