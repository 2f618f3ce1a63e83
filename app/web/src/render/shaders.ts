/** What a shader is made for. Written as constants, not uniforms: a software renderer pays for every branch. */
export interface Variant {
  /** 8-bit codes, 255 is NaN; else floats. */
  codes: boolean;
  /** Three channels, shown as they are. */
  rgb: boolean;
  cyclic: boolean;
  log: boolean;
  /** Between texels, where they are about as large as pixels. */
  smooth: boolean;
  /** The torus unrolled: the whole canvas is drawn. */
  tiled: boolean;
  /** Lines between cells. */
  grid: boolean;
}

export const VERTEX = `#version 300 es
void main() {
  // One triangle that covers the canvas; the scissor cuts the field out.
  vec2 corner = vec2((gl_VertexID << 1) & 2, gl_VertexID & 2);
  gl_Position = vec4(corner * 2.0 - 1.0, 0.0, 1.0);
}`;

const HEAD = `#version 300 es
precision highp float;
precision highp int;
precision highp sampler2DArray;
uniform sampler2DArray texels;  // one layer a channel
uniform sampler2D colours;      // 256 x 1
uniform vec2 scaling;           // value = scaling.y + scaling.x * texel
uniform vec2 range;             // lo, hi
uniform vec4 texel_from_pixel;  // scale, offset
uniform ivec2 last;             // texel
uniform vec2 field;             // texels, for tiling
uniform float cells;            // a texel is cells x cells
uniform float pixel;            // in cells
uniform vec3 nan_colour;
out vec4 colour;
`;

const BODY = `
#if CODES
bool broken(float q) { return q > 254.5; }
#else
bool broken(float q) { return isnan(q) || isinf(q); }
#endif

float texel(ivec2 at, int layer) {
  float q = texelFetch(texels, ivec3(clamp(at, ivec2(0), last), layer), 0).r;
#if CODES
  return q * 255.0;
#else
  return q;
#endif
}

float read(vec2 at, int layer) {
#if SMOOTH
  vec2 low = floor(at - 0.5);
  vec2 part = at - 0.5 - low;
  ivec2 i = ivec2(low);
  float a = texel(i, layer), b = texel(i + ivec2(1, 0), layer);
  float c = texel(i + ivec2(0, 1), layer), d = texel(i + ivec2(1, 1), layer);
  if (broken(a) || broken(b) || broken(c) || broken(d)) return texel(ivec2(at), layer);
  return mix(mix(a, b, part.x), mix(c, d, part.x), part.y);
#else
  return texel(ivec2(at), layer);
#endif
}

vec3 mapped(float v) {
#if LOG
  float least = max(range.x, range.y * 1e-4);
  float t = log(max(v, least) / least) / log(range.y / least);
#else
  float t = (v - range.x) / max(range.y - range.x, 1e-30);
#endif
#if CYCLIC
  t = fract(t);
#endif
  return texelFetch(colours, ivec2(int(clamp(t, 0.0, 1.0) * 255.0 + 0.5), 0), 0).rgb;
}

void main() {
  vec2 at = gl_FragCoord.xy * texel_from_pixel.xy + texel_from_pixel.zw;
#if TILED
  at = mod(at, field);
#endif
  float first = read(at, 0);
#if RGB
  vec3 values = scaling.y + scaling.x * vec3(first, read(at, 1), read(at, 2));
  colour = vec4(clamp(values, 0.0, 1.0), 1.0);
#else
  colour = vec4(mapped(scaling.y + scaling.x * first), 1.0);
#endif
  if (broken(first)) colour = vec4(nan_colour, 1.0);
#if GRID
  vec2 line = step(pixel, fract(at * cells));
  colour.rgb = mix(colour.rgb, vec3(0.5), 0.18 * (1.0 - line.x * line.y));
#endif
}`;

export function fragment(variant: Variant): string {
  const flags = Object.entries(variant).map(
    ([name, on]) => `#define ${name.toUpperCase()} ${on ? 1 : 0}\n`,
  );
  return HEAD + flags.join('') + BODY;
}

export function keyOf(variant: Variant): string {
  return Object.values(variant).map(Number).join('');
}
