// How much JavaScript a page loads until it shows its first screen. Fails where that is too much.
import { readFileSync } from "node:fs";
import { gzipSync } from "node:zlib";

const CLIENT = new URL("../../api/client/", import.meta.url);
/** kB (1,000 bytes), gzipped. */
const LIMIT = 120;
const PAGE = "index.html";
/** What the page loads for whoever opens it there. */
const SCREENS = ["src/routes/home.tsx", "src/routes/sign-in.tsx", "src/routes/sign-up.tsx"];
/** Before the first paint, outside of what Vite builds. */
const BESIDE = ["theme.js"];

const manifest = JSON.parse(readFileSync(new URL(".vite/manifest.json", CLIENT), "utf8"));

/** The files of these entries and of all they import at once. */
function files(names, found = new Set()) {
  for (const name of names) {
    const entry = manifest[name];
    if (!entry) throw new Error(`${name} is not in the manifest`);
    if (found.has(entry.file)) continue;
    found.add(entry.file);
    files(entry.imports ?? [], found);
  }
  return found;
}

function kilobytes(names) {
  const bytes = [...names].map((name) => gzipSync(readFileSync(new URL(name, CLIENT))).length);
  return bytes.reduce((sum, size) => sum + size, 0) / 1_000;
}

for (const screen of SCREENS) {
  const size = kilobytes([...files([PAGE, screen]), ...BESIDE]);
  console.log(`${screen}: ${size.toFixed(1)} of ${LIMIT} kB`);
  if (size > LIMIT) process.exitCode = 1;
}
