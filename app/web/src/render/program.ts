// The shader programs of the field, each compiled when it is first needed.

import { NAN_COLOUR } from './colormap';
import { fragment, keyOf, type Variant, VERTEX } from './shaders';

export interface Program {
  program: WebGLProgram;
  at: (name: string) => WebGLUniformLocation | null;
}

/** Texture units that the shaders read. */
export const Unit = { field: 0, colours: 1 } as const;

export class Programs {
  private readonly known = new Map<string, Program>();

  constructor(private readonly gl: WebGL2RenderingContext) {}

  use(variant: Variant): Program {
    const key = keyOf(variant);
    const found = this.known.get(key) ?? this.made(variant);
    this.known.set(key, found);
    this.gl.useProgram(found.program);
    return found;
  }

  private made(variant: Variant): Program {
    const { gl } = this;
    const program = link(gl, fragment(variant));
    const places = new Map<string, WebGLUniformLocation | null>();
    const at = (name: string) => {
      if (!places.has(name)) places.set(name, gl.getUniformLocation(program, name));
      return places.get(name)!;
    };
    gl.useProgram(program);
    gl.uniform1i(at('colours'), Unit.colours);
    gl.uniform3f(at('nan_colour'), ...NAN_COLOUR);
    return { program, at };
  }
}

function link(gl: WebGL2RenderingContext, source: string): WebGLProgram {
  const program = gl.createProgram();
  for (const [type, text] of [
    [gl.VERTEX_SHADER, VERTEX],
    [gl.FRAGMENT_SHADER, source],
  ] as const) {
    const shader = gl.createShader(type)!;
    gl.shaderSource(shader, text);
    gl.compileShader(shader);
    gl.attachShader(program, shader);
  }
  gl.linkProgram(program);
  if (!gl.getProgramParameter(program, gl.LINK_STATUS) && !gl.isContextLost()) {
    const logs = gl.getAttachedShaders(program)!.map((shader) => gl.getShaderInfoLog(shader));
    throw new Error(`The field's shader does not compile: ${logs.join(' ')}`);
  }
  return program;
}
