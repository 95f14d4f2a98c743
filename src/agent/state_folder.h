/* SPDX-License-Identifier: Apache-2.0 */
/* The folder where an agent keeps what outlives it: one agent at a time. */
#pragma once

#include <stddef.h>

/* Makes the folder when it is missing (0700, those above it 0755), and locks it for this process.
 * Returns the lock, to be given to state_folder_release, or negative errno with a sentence in err:
 * -EBUSY another agent has it, -EACCES ... */
int state_folder_take(const char *folder, char *err, size_t err_size);
/* The kernel does the same when the process ends in another way. */
void state_folder_release(int lock);

/* mkdir -p of the folder that the file is in. 0 or negative errno. */
int state_folder_of_file(const char *file);
