"""Write the page's files as a C++ source: what web_assets() in assets.h returns.

usage: embed.py OUT.cpp [DIST]      without DIST: a placeholder page that says how to build the real one
"""

import gzip
import hashlib
import sys
from pathlib import Path

TYPES = {
    ".html": "text/html; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".svg": "image/svg+xml",
    ".wasm": "application/wasm",
    ".png": "image/png",
    ".json": "application/json",
    ".txt": "text/plain; charset=utf-8",
}

PLACEHOLDER = b"""<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><title>Atheria</title></head>
<body>
<h1>Atheria is running</h1>
<p>Its page was not built: Node 20.19 or newer was missing. Everything else works, and speaks atheria.v1.</p>
<p>To build the page: install Node, then</p>
<pre>npm ci --prefix app/web
./ath build</pre>
</body>
</html>
"""


def files_of(dist: Path | None) -> dict[str, bytes]:
    if dist is None:
        return {"/index.html": PLACEHOLDER}
    found = {f"/{p.relative_to(dist).as_posix()}": p.read_bytes() for p in sorted(dist.rglob("*")) if p.is_file()}
    if "/index.html" not in found:
        sys.exit(f"embed.py: {dist} holds no index.html; was the page built?")
    return found


def array(name: str, data: bytes) -> str:
    rows = [",".join(map(str, data[i : i + 40])) for i in range(0, len(data), 40)]
    return f"constexpr unsigned char {name}[] = {{\n" + ",\n".join(rows) + "};\n"


def source(files: dict[str, bytes]) -> str:
    arrays, rows = [], []
    for i, (path, plain) in enumerate(files.items()):
        suffix = Path(path).suffix
        if suffix not in TYPES:
            sys.exit(f"embed.py: {path}: what content type is '{suffix}'? Add it to TYPES.")
        packed = gzip.compress(plain, 9, mtime=0)
        arrays.append(array(f"plain_{i}", plain))
        small = len(packed) < len(plain)
        if small:
            arrays.append(array(f"gzip_{i}", packed))
        etag = hashlib.sha256(plain).hexdigest()
        rows.append(f'    {{"{path}", "{TYPES[suffix]}", "{etag}", plain_{i}, {f"gzip_{i}" if small else "{}"}}},\n')
    return (
        '// Written by app/web/embed.py.\n#include "app/web/assets.h"\n\nnamespace atheria::web {\nnamespace {\n\n'
        + "".join(arrays)
        + "\nconstexpr Asset kAssets[] = {\n"
        + "".join(rows)
        + "};\n\n}  // namespace\n\n"
        + "std::span<const Asset> web_assets() { return kAssets; }\n\n}  // namespace atheria::web\n"
    )


def main(arguments: list[str]) -> None:
    if len(arguments) not in (1, 2):
        sys.exit(__doc__)
    dist = Path(arguments[1]) if len(arguments) == 2 else None
    Path(arguments[0]).write_text(source(files_of(dist)))


if __name__ == "__main__":
    main(sys.argv[1:])
