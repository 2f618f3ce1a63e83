// Colormaps as stops, evenly spaced, linear between them: within 2/255 of their originals (cividis 6 in one corner).
// viridis, magma, twilight (CC0), cividis, coolwarm and turbo come from matplotlib; polar and ember are ours.

const STOPS = {
  viridis:
    '440154470d6048186a482374472d7b4536814240863f49893b528b375a8d33638d2f6a8e2c728e297a8e26818e23898e21908c1f988b1f9f8821a68528ae8031b57b3ebc744cc26c5dc9636ece5882d34c96d83fabdc32c0df24d5e21aeae51afde725',
  cividis:
    '00224e00285b002e6a0433711a386f273e6e32436d3b496c434e6c4b546c52596d5a5f6e61656f686a716f70737576767c7b788481798b8778938d789b9376a39a75aba072b3a670bbad6cc3b469ccba64d4c15fddc958e6d051efd748f8df3cfee838',
  magma:
    '0000040303110a0822130d331d114628115a36106a430f7650127c5d177f691c817621818226818f2a819c2e7fa9327db63779c33b75cf4170db486ae65163ee5c5ef5695cf9785dfb8761fd9668fea571feb47bfec387fed194fde0a2fceeb0fcfdbf',
  twilight:
    'e2d9e2d6d7ddc2ced4aac2cc94b4c781a6c37296c16886be6275ba5f63b55e50ac5d3da0592a8f511b7745135c3811453014373a113a4b134260184a751e4f882850993550a74550b25752bc6958c37d63c89073cca489d2b6a3d9c7bfdfd4d6e2d9e2',
  turbo:
    '30123b392a734040a14456c7466be3467ff64293ff37a7fa29bbec1dcdd818dcc31ee8b031f2994cf97e6bfd648aff4da3fd3cb8f735cced34dee037edd03af8c03afdae35fe982cfb8022f56817ec520fe04009d23105c02302ac1701950d017a0403',
  coolwarm:
    '3b4cc0445acc4d68d75775e16282ea6c8ef1779af782a5fb8db0fe98b9ffa3c2feaec9fcb8d0f9c2d5f4ccd9eed5dbe6dddddde5d8d1ecd3c5f1ccb9f4c4adf7bba0f7b194f7a687f49a7bf18d6fec7f63e57058de604dd55042cb3e38c0282fb40426',
  ember: '0b07062a0f125b1a1497280fcf4a0cee7b1af9ad42fdd98afffbe8',
  polar: '9bdcff4aa3d61d6fa51340620b1016632c1fa8482ae08a5cffd2b0',
  gray: '000000ffffff',
};

export type ColormapName = keyof typeof STOPS;
export const COLORMAPS = Object.keys(STOPS) as ColormapName[];
export const CYCLIC: ColormapName = 'twilight';
/** What NaN and infinite values are painted with: in no colormap. */
export const NAN_COLOUR = [1, 0, 0.85] as const;

/** The colormap a law asks for, if that goes with the view: angles need a cyclic one, and nothing else should have it. */
export function colormapFor(
  name: string,
  view?: { cyclic: boolean; range: [number, number] } | null,
): ColormapName {
  if (view?.cyclic) return CYCLIC;
  if (name === 'phase') return view && view.range[0] < 0 ? 'coolwarm' : 'magma';
  return isColormap(name) ? name : 'viridis';
}

export function isColormap(name: string): name is ColormapName {
  return name in STOPS;
}

/** 256 RGBA colours. */
export function lut(name: ColormapName, inverted = false): Uint8Array {
  const stops = STOPS[name].match(/../g)!.map((byte) => parseInt(byte, 16));
  const last = stops.length / 3 - 1;
  const out = new Uint8Array(256 * 4);
  for (let i = 0; i < 256; ++i) {
    const at = ((inverted ? 255 - i : i) / 255) * last;
    const low = Math.min(Math.floor(at), last - 1);
    for (let c = 0; c < 3; ++c) {
      const a = stops[low * 3 + c]!;
      const b = stops[low * 3 + 3 + c]!;
      out[i * 4 + c] = Math.round(a + (b - a) * (at - low));
    }
    out[i * 4 + 3] = 255;
  }
  return out;
}

/** Place of a value in a colormap, 0..1; a logarithmic one spans four decades below `hi`. */
export function place(value: number, lo: number, hi: number, log: boolean): number {
  if (log) {
    const floor = Math.max(lo, hi * 1e-4);
    return clamp(Math.log(Math.max(value, floor) / floor) / Math.log(hi / floor));
  }
  return clamp((value - lo) / (hi - lo || 1));
}

function clamp(t: number): number {
  return Math.min(1, Math.max(0, t));
}
