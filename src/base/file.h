/* SPDX-License-Identifier: Apache-2.0 */
/* Small files that must survive a crash. */
#pragma once

#include <stddef.h>

/* Gives the file this content, mode 0600: at every moment the old one or the new one is there,
 * whatever happens. What it is written to first has the name with ".part" behind. 0 or negative
 * errno. */
int file_replace(const char *path, const char *text, size_t len);
/* All of it; write(2) may take less. 0 or negative errno. */
int file_write_whole(int fd, const char *text, size_t len);
