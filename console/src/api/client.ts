// SPDX-License-Identifier: Apache-2.0
import type { Problem } from './types';

export type Failure =
  | 'gone' /* no answer: the agent or the way to it is down */
  | 'token' /* 401 */
  | 'refused' /* the request was understood and is not possible: a mistake in a filter, a limit */
  | 'failed'; /* the agent could not do it */

export class ApiError extends Error {
  constructor(
    readonly failure: Failure,
    readonly problem: Problem,
  ) {
    super(problem.detail ?? problem.title ?? failure);
  }
}

const BASE = '/api/v1/';
const TOKEN = 'nameflow-token';
let token = '';

/** Takes the token out of the address (#token=...) and keeps it for this tab only. */
export function takeToken(): void {
  const fragment = new URLSearchParams(window.location.hash.slice(1));
  const given = fragment.get('token');
  if (given !== null) {
    setToken(given);
    fragment.delete('token');
    const rest = fragment.toString();
    const { pathname, search } = window.location;
    window.history.replaceState(null, '', pathname + search + (rest ? `#${rest}` : ''));
  } else {
    token = window.sessionStorage.getItem(TOKEN) ?? '';
  }
}

export function setToken(text: string): void {
  token = text.trim();
  window.sessionStorage.setItem(TOKEN, token);
}

export type Params = { [name: string]: string | number | boolean | undefined };

export function apiPath(path: string, params: Params = {}): string {
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(params)) {
    if (value !== undefined && value !== '') query.set(name, String(value));
  }
  const text = query.toString();
  return BASE + path + (text ? `?${text}` : '');
}

async function problemOf(response: Response): Promise<Problem> {
  try {
    return (await response.json()) as Problem;
  } catch {
    return { title: response.statusText, status: response.status };
  }
}

/** The open response, or an ApiError (or AbortError). */
export async function apiFetch(path: string, init: RequestInit = {}): Promise<Response> {
  const headers = new Headers(init.headers);
  if (token) headers.set('Authorization', `Bearer ${token}`);
  let response: Response;
  try {
    response = await fetch(path, { ...init, headers, cache: 'no-cache', credentials: 'omit' });
  } catch (error) {
    if (error instanceof DOMException && error.name === 'AbortError') throw error;
    throw new ApiError('gone', { title: 'no answer' });
  }
  if (response.ok) return response;
  const problem = await problemOf(response);
  if (response.status === 401) throw new ApiError('token', problem);
  if (response.status === 502 || response.status === 504) throw new ApiError('gone', problem);
  throw new ApiError(response.status < 500 ? 'refused' : 'failed', problem);
}

export async function apiGet<T>(path: string, params: Params, signal?: AbortSignal): Promise<T> {
  const response = await apiFetch(apiPath(path, params), signal ? { signal } : {});
  return (await response.json()) as T;
}
