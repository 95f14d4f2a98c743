/* SPDX-License-Identifier: Apache-2.0 */
#include "agent/commands.h"

#include <stdio.h>
#include <string.h>

static const struct command {
    const char *name;
    int (*run)(int argc, char **argv);
    const char *help;
} commands[] = {
    {"serve", cmd_serve, "run the agent: keep the transactions, and answer questions"},
    {"trace", cmd_trace, "show the DNS transactions of this host as they happen"},
    {"query", cmd_query, "show what the agent has stored: transactions, tops, charts"},
    {"top", cmd_top, "full screen: names, servers, processes by rate, errors, latency"},
    {"import", cmd_import, "fill a store from JSON lines or captures"},
    {"export", cmd_export, "write stored transactions as JSON lines, CSV or Parquet"},
    {"read", cmd_read, "show the DNS transactions in capture files"},
    {"doctor", cmd_doctor, "say what this kernel and these privileges allow"},
    {"demo", cmd_demo, "trace a DNS server and client of its own, in network namespaces"},
};

enum {
    COMMAND_COUNT = sizeof(commands) / sizeof(commands[0]),
};

static void print_help(FILE *to)
{
    fprintf(to, "nameflow sees every DNS lookup of this host: who asked, what came back, how long "
                "it took.\n\nUsage: nameflow COMMAND [OPTION...]\n\nCommands:\n");
    for (int i = 0; i < COMMAND_COUNT; i++)
        fprintf(to, "  %-8s %s\n", commands[i].name, commands[i].help);
    fprintf(to, "\nnameflow COMMAND --help tells more. nameflow --version prints the version.\n");
}

int main(int argc, char **argv)
{
    if (argc < 2) {
        print_help(stderr);
        return EXIT_USAGE;
    }
    const char *name = argv[1];
    if (strcmp(name, "--help") == 0 || strcmp(name, "-h") == 0 || strcmp(name, "help") == 0) {
        print_help(stdout);
        return EXIT_DONE;
    }
    if (strcmp(name, "--version") == 0) {
        printf("nameflow %s\n", NAMEFLOW_VERSION);
        return EXIT_DONE;
    }
    for (int i = 0; i < COMMAND_COUNT; i++)
        if (strcmp(name, commands[i].name) == 0)
            return commands[i].run(argc - 1, argv + 1);
    fprintf(stderr, "nameflow: there is no command '%s'; the commands are", name);
    for (int i = 0; i < COMMAND_COUNT; i++)
        fprintf(stderr, "%s %s", i ? "," : "", commands[i].name);
    fprintf(stderr, " (nameflow --help)\n");
    return EXIT_USAGE;
}
