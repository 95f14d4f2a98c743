// SPDX-License-Identifier: Apache-2.0
// A real agent, the demo's lookups in network namespaces, and queries made by hand.
import { spawn } from 'node:child_process';
import { createSocket } from 'node:dgram';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

export const NAMEFLOW = process.env.NAMEFLOW ?? 'build/nameflow';

/** Resolves with what the pattern finds in what the program says; rejects when it ends before. */
function said(child, pattern) {
  return new Promise((resolve, reject) => {
    let text = '';
    const take = (piece) => {
      text += piece;
      const found = pattern.exec(text);
      if (found) resolve(found);
    };
    child.stderr.on('data', take);
    child.stdout.on('data', take);
    child.once('exit', (code) => reject(new Error(`it ended with ${code}: ${text}`)));
  });
}

export async function stop(child) {
  if (!child || child.exitCode !== null || child.signalCode !== null) return;
  const ended = new Promise((resolve) => child.once('exit', resolve));
  child.kill('SIGINT');
  await ended;
}

/** `store`: duckdb, or memory. `url(query)` opens the console with its token. */
export async function startAgent(folder, store) {
  const child = spawn(NAMEFLOW, ['serve', '--listen', '127.0.0.1:0', '--state', folder, '--socket', join(folder, 'api.sock'), '--store', store]);
  const address = (await said(child, /the API is at (http:\/\/\S+)/))[1];
  const token = readFileSync(join(folder, 'token'), 'utf8').trim();
  return { child, address, token, url: (query = '') => `${address}/${query}#token=${token}` };
}

export function startDemo() {
  const demo = spawn(NAMEFLOW, ['demo', '--for', '10m']);
  demo.stdout.resume();
  demo.stderr.resume();
  return demo;
}

/** A query for a name of any bytes, a Buffer for each label, to a port where nobody answers. */
export function ask(labels, id) {
  const head = Buffer.from([id >> 8, id & 255, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0]);
  const name = labels.flatMap((l) => [Buffer.from([l.length]), l]);
  const message = Buffer.concat([head, ...name, Buffer.from([0, 0, 1, 0, 1])]);
  return new Promise((resolve, reject) => {
    const socket = createSocket('udp4');
    socket.send(message, 53, '127.0.0.77', (error) => {
      socket.close();
      if (error) reject(error);
      else resolve();
    });
  });
}
