/* SPDX-License-Identifier: Apache-2.0 */
#include "agent/demo_net.h"

#include "agent/demo_peers.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

static int fail(char *err, size_t err_len, int error, const char *fmt, ...)
    __attribute__((format(printf, 4, 5)));

static int fail(char *err, size_t err_len, int error, const char *fmt, ...)
{
    va_list args;
    va_start(args, fmt);
    vsnprintf(err, err_len, fmt, args);
    va_end(args);
    return error;
}

int demo_run(const char *const argv[])
{
    pid_t pid = fork();
    if (pid < 0)
        return -errno;
    if (pid == 0) {
        int null = open("/dev/null", O_RDWR | O_CLOEXEC);
        if (null >= 0) {
            dup2(null, STDIN_FILENO);
            dup2(null, STDOUT_FILENO);
            dup2(null, STDERR_FILENO);
        }
        execvp(argv[0], (char *const *)argv);
        _exit(127);
    }
    int status;
    while (waitpid(pid, &status, 0) < 0)
        if (errno != EINTR)
            return -errno;
    if (WIFEXITED(status) && WEXITSTATUS(status) == 0)
        return 0;
    return WIFEXITED(status) && WEXITSTATUS(status) == 127 ? -ENOENT : -EIO;
}

/* Forks into namespaces of its own. In the child it returns 0 after the parent has said go. */
static pid_t spawn(int *go)
{
    int ends[2];
    if (pipe2(ends, O_CLOEXEC) < 0)
        return -errno;
    long pid = syscall(SYS_clone, CLONE_NEWNET | CLONE_NEWNS | CLONE_NEWPID | SIGCHLD, 0, 0, 0, 0);
    if (pid < 0) {
        int error = errno;
        close(ends[0]);
        close(ends[1]);
        return -error;
    }
    if (pid > 0) {
        close(ends[0]);
        *go = ends[1];
        return (pid_t)pid;
    }
    close(ends[1]);
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    /* The terminal's Ctrl-C is for the parent, which then ends this side. */
    setpgid(0, 0);
    signal(SIGINT, SIG_IGN);
    char byte;
    if (read(ends[0], &byte, 1) != 1)
        _exit(1); /* the parent has gone */
    close(ends[0]);
    if (mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0) {
        /* The parent only sees that its child has gone. */
        dprintf(STDERR_FILENO, "nameflow: the demo cannot make its mounts private: %s%s\n",
                strerror(errno),
                errno == EINVAL ? " (in a chroot, / must be a mount point of its own)" : "");
        _exit(1);
    }
    return 0;
}

static void say_go(int *fd)
{
    if (*fd < 0)
        return;
    ssize_t n = write(*fd, "g", 1);
    (void)n;
    close(*fd);
    *fd = -1;
}

static int join_by_veth(const struct demo_net *net)
{
    char client[16], server[16];
    snprintf(client, sizeof(client), "%d", net->client);
    snprintf(server, sizeof(server), "%d", net->server);
    const char *const argv[] = {"ip",   "link", "add",  DEMO_CLIENT_DEVICE, "netns", client, "type",
                                "veth", "peer", "name", DEMO_SERVER_DEVICE, "netns", server, NULL};
    return demo_run(argv);
}

static int find_program(const char *name)
{
    static const char *const dirs[] = {"/usr/sbin", "/usr/bin",        "/sbin",
                                       "/bin",      "/usr/local/sbin", "/usr/local/bin"};
    char path[256];
    for (size_t i = 0; i < sizeof(dirs) / sizeof(dirs[0]); i++) {
        snprintf(path, sizeof(path), "%s/%s", dirs[i], name);
        if (access(path, X_OK) == 0)
            return 0;
    }
    return -ENOENT;
}

int demo_net_start(struct demo_net *net, char *err, size_t err_len)
{
    *net = (struct demo_net){.server = -1, .client = -1, .server_go = -1, .client_go = -1};
    if (geteuid() != 0)
        return fail(err, err_len, -EPERM,
                    "the demo makes network namespaces, which needs root: sudo nameflow demo");
    if (find_program("unbound") < 0)
        return fail(err, err_len, -ESRCH,
                    "the demo needs the unbound server: apt-get install unbound");
    if (find_program("ip") < 0)
        return fail(err, err_len, -ESRCH, "the demo needs ip(8): apt-get install iproute2");

    net->server = spawn(&net->server_go);
    if (net->server == 0)
        demo_server();
    if (net->server > 0) {
        net->client = spawn(&net->client_go);
        if (net->client == 0)
            demo_client();
    }
    int r = net->server < 0 ? net->server : net->client < 0 ? net->client : join_by_veth(net);
    if (r < 0) {
        demo_net_stop(net);
        return fail(err, err_len, r, "cannot make the demo's network namespaces: %s", strerror(-r));
    }
    say_go(&net->server_go);
    return 0;
}

void demo_net_ask(struct demo_net *net)
{
    say_go(&net->client_go);
}

int demo_net_check(const struct demo_net *net, char *err, size_t err_len)
{
    pid_t pids[2] = {net->server, net->client};
    for (int i = 0; i < 2; i++) {
        siginfo_t info = {0};
        if (waitid(P_PID, (id_t)pids[i], &info, WEXITED | WNOHANG | WNOWAIT) == 0 && info.si_pid)
            return fail(err, err_len, -ECHILD, "the demo's %s has ended by itself (status %d)",
                        i == 0 ? "unbound server" : "client", info.si_status);
    }
    return 0;
}

void demo_net_stop(struct demo_net *net)
{
    pid_t *pids[2] = {&net->client, &net->server};
    for (int i = 0; i < 2; i++) {
        if (*pids[i] <= 0)
            continue;
        kill(*pids[i], SIGKILL); /* init of its PID namespace: takes all in it along */
        while (waitpid(*pids[i], NULL, 0) < 0 && errno == EINTR)
            ;
        *pids[i] = -1;
    }
    int *fds[2] = {&net->server_go, &net->client_go};
    for (int i = 0; i < 2; i++) {
        if (*fds[i] >= 0)
            close(*fds[i]);
        *fds[i] = -1;
    }
}
