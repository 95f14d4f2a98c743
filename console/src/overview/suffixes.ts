// SPDX-License-Identifier: Apache-2.0
import type { Group } from '../api/types';

export interface Suffix {
  suffix: string;
  count: number;
  names: number;
  example: string;
}

/** NXDOMAIN that search lists make: "api.example.com.corp.example" after which "api.example.com" was
 * asked for and found. Groups are of (qname); `found`: names that were answered. */
export function searchSuffixes(missing: readonly Group[], found: ReadonlySet<string>): Suffix[] {
  const by = new Map<string, Suffix>();
  for (const group of missing) {
    const name = group.key[0];
    if (!name) continue;
    // Dots that are escaped do not end a label.
    for (let dot = name.lastIndexOf('.'); dot > 0; dot = name.lastIndexOf('.', dot - 1)) {
      if (name[dot - 1] === '\\' || !found.has(name.slice(0, dot))) continue;
      const suffix = name.slice(dot + 1);
      const entry = by.get(suffix) ?? { suffix, count: 0, names: 0, example: name };
      entry.count += group.count ?? 0;
      entry.names += 1;
      by.set(suffix, entry);
      break;
    }
  }
  return [...by.values()].sort((a, b) => b.count - a.count);
}
