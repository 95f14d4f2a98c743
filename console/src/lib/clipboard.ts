// SPDX-License-Identifier: Apache-2.0

/** False where the browser keeps its clipboard to itself: on an address without TLS that is not this host. */
export async function copyText(text: string): Promise<boolean> {
  const clipboard = navigator.clipboard as Clipboard | undefined;
  try {
    await clipboard?.writeText(text);
    return clipboard !== undefined;
  } catch {
    return false;
  }
}
