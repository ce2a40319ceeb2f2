// How these programs and their test talk: one JSON object a line. The test plays whoever sits in front of the browser.

import { createInterface } from 'node:readline';
import { pathToFileURL } from 'node:url';

const [folder, given] = process.argv.slice(2);
const lines = createInterface({ input: process.stdin })[Symbol.asyncIterator]();

/** What the test gave this program to work with. */
export const setting = JSON.parse(given);

/** The main module of a package that the test has installed. */
export function load(name) {
  return import(pathToFileURL(`${folder}/node_modules/${name}/build/index.js`));
}

export function tell(what) {
  process.stdout.write(JSON.stringify(what) + '\n');
}

/** Send the browser to `address`; where it is sent back to. */
export async function visit(address) {
  tell({ visit: String(address) });
  return new URL(JSON.parse((await lines.next()).value));
}

/** Whether `promise` fails with this OAuth error; what else it comes to is told. */
export async function failsWith(error, promise) {
  try {
    return await promise;
  } catch (thrown) {
    return thrown.error === error || thrown;
  }
}
