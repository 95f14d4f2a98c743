// SPDX-License-Identifier: Apache-2.0
// Starts the made-up API of console/dev on a free port, with the built console.
import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const SERVER = fileURLToPath(new URL('../../console/dev/server.mjs', import.meta.url));
export const DIST = process.env.NAMEFLOW_CONSOLE ?? fileURLToPath(new URL('../../console/dist/', import.meta.url));

export async function startFixture(args = []) {
  const child = spawn(process.execPath, [SERVER, ...args, '--port', '0', '--dist', DIST], { stdio: ['ignore', 'pipe', 'inherit'] });
  const url = await new Promise((resolve, reject) => {
    child.stdout.once('data', (text) => resolve(/http\S+/.exec(String(text))[0]));
    child.once('exit', (code) => reject(new Error(`the fixture ended with ${code}`)));
  });
  return { url, pid: child.pid, stop: () => child.kill() };
}
