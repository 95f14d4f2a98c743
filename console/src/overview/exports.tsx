// SPDX-License-Identifier: Apache-2.0
// What a panel can hand out of what it shows: the frame around it has the menu.
import { createContext, useContext, useEffect } from 'react';

export interface PlainTable {
  head: string[];
  rows: (string | number | null)[][];
}

export interface Exports {
  table?: () => PlainTable;
  png?: () => string;
}

export const ExportsContext = createContext<{ current: Exports }>({ current: {} });

/** To be called with a function that is stable or cheap. */
export function useTableExport(table: (() => PlainTable) | undefined): void {
  const exports = useContext(ExportsContext);
  useEffect(() => {
    const given = exports.current;
    if (table) given.table = table;
    return () => {
      delete given.table;
    };
  }, [exports, table]);
}

export function usePngExport(): (draw: (() => string) | undefined) => void {
  const exports = useContext(ExportsContext);
  return (draw) => {
    if (draw) exports.current.png = draw;
    else delete exports.current.png;
  };
}
