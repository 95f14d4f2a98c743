/* SPDX-License-Identifier: Apache-2.0 */
/* The bearer token (RFC 6750) that those who come over TCP must show. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

enum {
    TOKEN_MAX = 256, /* with the NUL; one that was made here has 43 characters: 256 bits */
    TOKEN_LEN_MIN = 32,
};

/* Reads the token, made first when there is no such file (its folder must be there). 0 or negative
 * errno with one sentence in err; -EPERM: others than the owner can read the file. */
int token_load(const char *path, char out[TOKEN_MAX], char *err, size_t err_size);
/* Whether an Authorization field shows the token. Takes the same time whatever part is wrong. */
bool token_matches(const char *token, const char *authorization);
