// SPDX-License-Identifier: Apache-2.0
import { afterEach, expect, it, vi } from 'vitest';
import { ApiError, apiFetch, setToken } from '../src/api/client';
import { askShared } from '../src/api/share';

afterEach(() => vi.unstubAllGlobals());

const json = (body: unknown, status = 200): Response => new Response(JSON.stringify(body), { status });

it('asks once for all who ask the same in one round', async () => {
  const fetch = vi.fn(() => Promise.resolve(json({ a: 1 })));
  vi.stubGlobal('fetch', fetch);
  const [one, two, later] = [askShared('top', { by: 'x' }, 1), askShared('top', { by: 'x' }, 1), askShared('top', { by: 'x' }, 2)];
  expect(await Promise.all([one.answer, two.answer, later.answer])).toEqual([{ a: 1 }, { a: 1 }, { a: 1 }]);
  expect(fetch).toHaveBeenCalledTimes(2);
});

it('ends the request when nobody waits for it any more', () => {
  let signal: AbortSignal | undefined;
  vi.stubGlobal('fetch', (_: string, init: RequestInit) => {
    signal = init.signal ?? undefined;
    return new Promise(() => undefined);
  });
  const [one, two] = [askShared('top', {}, 3), askShared('top', {}, 3)];
  one.leave();
  one.leave();
  expect(signal?.aborted).toBe(false);
  two.leave();
  expect(signal?.aborted).toBe(true);
});

it('shows the token and tells failures apart', async () => {
  setToken(' secret ');
  const seen: (string | null)[] = [];
  const answers = [json({}), json({ detail: 'no' }, 401), json({ detail: 'bad', column: 3 }, 400), new Response('x', { status: 500 })];
  vi.stubGlobal('fetch', (_: string, init: RequestInit) => {
    seen.push(new Headers(init.headers).get('Authorization'));
    const answer = answers.shift();
    return answer ? Promise.resolve(answer) : Promise.reject(new TypeError('network'));
  });
  await apiFetch('/x');
  for (const failure of ['token', 'refused', 'failed', 'gone']) {
    await expect(apiFetch('/x')).rejects.toMatchObject({ failure });
    await Promise.resolve();
  }
  expect(seen[0]).toBe('Bearer secret');
  expect(new ApiError('refused', { detail: 'why' }).message).toBe('why');
});
