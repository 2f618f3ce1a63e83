// What the address remembers: #world=lenia&view=u&map=magma&at=128,128,4. Never a token.

export interface Place {
  world?: string;
  view?: string;
  map?: string;
  at?: { x: number; y: number; zoom: number };
}

export function placeOf(hash: string): Place {
  const fields = new URLSearchParams(hash.replace(/^#/, ''));
  const at = (fields.get('at') ?? '').split(',').map(Number);
  const good = at.length === 3 && at.every(Number.isFinite) && at[2]! > 0;
  return {
    world: fields.get('world') ?? undefined,
    view: fields.get('view') ?? undefined,
    map: fields.get('map') ?? undefined,
    at: good ? { x: at[0]!, y: at[1]!, zoom: at[2]! } : undefined,
  };
}

export function fragmentOf({ world, view, map, at }: Place): string {
  const fields = new URLSearchParams();
  if (world) fields.set('world', world);
  if (view) fields.set('view', view);
  if (map) fields.set('map', map);
  const tidy = (value: number) => Number(value.toPrecision(5));
  const place = at ? `&at=${tidy(at.x)},${tidy(at.y)},${tidy(at.zoom)}` : '';
  return `#${fields.toString()}${place}`;
}
