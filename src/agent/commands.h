/* SPDX-License-Identifier: Apache-2.0 */
/* The commands. Each takes the arguments after its name (argv[0] is the name) and returns the
 * program's exit code. */
#pragma once

enum {
    EXIT_DONE = 0,
    EXIT_FAILED = 1,
    EXIT_USAGE = 2,
    EXIT_NOT_ALLOWED = 77, /* the kernel or privileges do not allow it */
};

int cmd_serve(int argc, char **argv);
int cmd_trace(int argc, char **argv);
int cmd_query(int argc, char **argv);
int cmd_top(int argc, char **argv);
int cmd_import(int argc, char **argv);
int cmd_export(int argc, char **argv);
int cmd_read(int argc, char **argv);
int cmd_doctor(int argc, char **argv);
int cmd_demo(int argc, char **argv);
