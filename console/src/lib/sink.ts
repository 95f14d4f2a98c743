// SPDX-License-Identifier: Apache-2.0
// Where an export goes to, piece by piece: straight into a file where the browser lets a page write
// one, else into blobs, which browsers keep outside the page's memory and on disk when they are large.
import { downloadUrl } from './csv';

export interface Sink {
  write: (piece: string | Uint8Array<ArrayBuffer>) => Promise<void>;
  /** The file is whole. */
  close: () => Promise<void>;
  /** Nothing is left of it. */
  abort: () => Promise<void>;
}

interface FileHandle {
  createWritable: () => Promise<Sink>;
}

interface Picker {
  showSaveFilePicker?: (options: { suggestedName: string }) => Promise<FileHandle>;
}

const BLOB_BYTES = 4 << 20;
const KEEP_MS = 60_000;

export function blobSink(name: string, type: string): Sink {
  const blobs: Blob[] = [];
  let parts: BlobPart[] = [];
  let size = 0;
  const pack = (): void => {
    if (parts.length > 0) blobs.push(new Blob(parts));
    parts = [];
    size = 0;
  };
  return {
    write: (piece) => {
      parts.push(piece);
      size += piece.length;
      if (size >= BLOB_BYTES) pack();
      return Promise.resolve();
    },
    close: () => {
      pack();
      const url = URL.createObjectURL(new Blob(blobs, { type }));
      downloadUrl(name, url);
      window.setTimeout(() => URL.revokeObjectURL(url), KEEP_MS);
      return Promise.resolve();
    },
    abort: () => {
      parts = [];
      blobs.length = 0;
      return Promise.resolve();
    },
  };
}

/** To be called while a click is handled. undefined: the person chose no file. */
export async function openSink(name: string, type: string): Promise<Sink | undefined> {
  const picker = window as Picker;
  if (!picker.showSaveFilePicker) return blobSink(name, type);
  try {
    const handle = await picker.showSaveFilePicker({ suggestedName: name });
    return await handle.createWritable();
  } catch (error) {
    if (error instanceof DOMException && error.name === 'AbortError') return undefined;
    return blobSink(name, type);
  }
}
