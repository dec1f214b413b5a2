/* SPDX-License-Identifier: Apache-2.0
 *
 * The child installs a filter, whose listener the parent takes over. Orphans become the parent's children, so that it
 * knows when the last one has ended.
 */
#define _GNU_SOURCE
#include "supervise.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <poll.h>
#include <signal.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/check.h"
#include "plan.h"

#define CALLS_MAX 5   /* system calls of a kind */
#define PLAN_FILE 200 /* file descriptors in the child, which its program does not reach */
#define LISTENER_FILE 201
#define CPU_SECONDS 60
#define PATIENCE_MS 120000 /* for a process that waits for ever; only a failure lasts so long */

const char *const fault_names[FAULT_KINDS] = {
    [FAULT_OPEN] = "open",   [FAULT_READ] = "read",     [FAULT_WRITE] = "write",   [FAULT_SHORT] = "short",
    [FAULT_FSYNC] = "fsync", [FAULT_RENAME] = "rename", [FAULT_CLOSE] = "close",   [FAULT_MKDIR] = "mkdir",
    [FAULT_FORK] = "fork",   [FAULT_MMAP] = "mmap",     [FAULT_MALLOC] = "malloc",
};

/* The older calls, which newer architectures do not have, end the lists. 0 fills them, which is read() on x86-64 only;
 * so the number of calls stands before. */
static const struct {
    int count;
    int calls[CALLS_MAX];
} kinds[FAULT_KINDS] = {
#ifdef SYS_open
    [FAULT_OPEN] = { 2, { SYS_openat, SYS_open } },
    [FAULT_RENAME] = { 3, { SYS_renameat2, SYS_renameat, SYS_rename } },
    [FAULT_MKDIR] = { 2, { SYS_mkdirat, SYS_mkdir } },
    [FAULT_FORK] = { 4, { SYS_clone, SYS_clone3, SYS_fork, SYS_vfork } },
#else
    [FAULT_OPEN] = { 1, { SYS_openat } },
    [FAULT_RENAME] = { 1, { SYS_renameat2 } },
    [FAULT_MKDIR] = { 1, { SYS_mkdirat } },
    [FAULT_FORK] = { 2, { SYS_clone, SYS_clone3 } },
#endif
    [FAULT_READ] = { 1, { SYS_read } },
    [FAULT_WRITE] = { 2, { SYS_write, SYS_pwrite64 } },
    [FAULT_FSYNC] = { 2, { SYS_fsync, SYS_fdatasync } },
    [FAULT_MMAP] = { 1, { SYS_mmap } },
};

/* --- the child --- */

/* Returns the listener of a filter that tells the kind's calls, or those of all kinds, or -1. */
static int install_filter(const struct fault *fault)
{
    struct sock_filter steps[3 * FAULT_KINDS * CALLS_MAX];
    unsigned short count = 0;

    steps[count++] = (struct sock_filter)BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr));
    for (int kind = 0; kind < FAULT_KINDS; kind++)
        for (int i = 0; i < kinds[kind].count && (fault->at == 0 || kind == (int)fault->kind); i++) {
            steps[count++] =
                (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (uint32_t)kinds[kind].calls[i], 0, 1);
            steps[count++] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_USER_NOTIF);
        }
    steps[count++] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW);
    struct sock_fprog program = { count, steps };
    return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0
               ? -1
               : (int)syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, SECCOMP_FILTER_FLAG_NEW_LISTENER, &program);
}

static void redirect(const char *path, int to)
{
    int file = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0666);

    if (file < 0 || dup2(file, to) < 0)
        _exit(126);
    close(file);
}

__attribute__((noreturn)) static void run_child(const char *shim, const char *directory, char *const arguments[],
                                                const char *output, const char *errors, int plan,
                                                const struct fault *fault)
{
    const struct rlimit cpu = { CPU_SECONDS, CPU_SECONDS }, none = { 0, 0 };
    char plan_file[16];

    (void)setpgid(0, 0);
    redirect("/dev/null", STDIN_FILENO);
    redirect(output, STDOUT_FILENO);
    redirect(errors, STDERR_FILENO);
    (void)snprintf(plan_file, sizeof plan_file, "%d", PLAN_FILE);
    if (chdir(directory) != 0 || setenv("LD_PRELOAD", shim, 1) != 0 || setenv(FAULT_PLAN_VARIABLE, plan_file, 1) != 0 ||
        setrlimit(RLIMIT_CPU, &cpu) != 0 || setrlimit(RLIMIT_CORE, &none) != 0 || dup2(plan, PLAN_FILE) < 0)
        _exit(126);
    sigset_t all;
    sigemptyset(&all);
    (void)sigprocmask(SIG_SETMASK, &all, NULL);
    int listener = install_filter(fault);
    if (listener < 0 || dup3(listener, LISTENER_FILE, O_CLOEXEC) < 0)
        _exit(125);
    (void)raise(SIGSTOP); /* until the parent has the listener */
    (void)execv(arguments[0], arguments);
    _exit(126);
}

/* --- the parent --- */

static void ignore(int number) { (void)number; }

struct watch {
    int listener;
    pid_t first;
    const char *program;
    const struct fault *fault;
    struct fault_plan *plan;
    struct supervised *result;
    bool has_ended; /* the first process */
};

/* Whether it is a process of the program, not of another one that it has started. */
static bool is_own(const struct watch *watch, pid_t process)
{
    char path[64];
    struct stat own, first;

    (void)snprintf(path, sizeof path, "/proc/%d/exe", (int)process);
    return stat(path, &own) == 0 && stat(watch->program, &first) == 0 && own.st_ino == first.st_ino &&
           own.st_dev == first.st_dev;
}

/* Returns the kind of a call that counts, or FAULT_KINDS. The filter does not see when the program's libraries are
 * loaded. */
static enum fault_kind kind_of(const struct watch *watch, const struct seccomp_notif *told)
{
    bool is_own_call = atomic_load(&watch->plan->has_started) && !watch->has_ended &&
                       ((pid_t)told->pid == watch->first || is_own(watch, (pid_t)told->pid)),
         is_message = told->data.nr == SYS_write && told->data.args[0] == STDERR_FILENO;

    for (int kind = 0; kind < FAULT_KINDS && is_own_call && !is_message; kind++)
        for (int i = 0; i < kinds[kind].count; i++)
            if (kinds[kind].calls[i] == told->data.nr)
                return (enum fault_kind)kind;
    return FAULT_KINDS;
}

static void answer(struct watch *watch)
{
    struct seccomp_notif told = { 0 };
    struct seccomp_notif_resp said = { .flags = SECCOMP_USER_NOTIF_FLAG_CONTINUE };

    if (ioctl(watch->listener, SECCOMP_IOCTL_NOTIF_RECV, &told) != 0)
        return; /* whose call it was has been killed */
    said.id = told.id;
    enum fault_kind kind = kind_of(watch, &told);
    if (kind < FAULT_KINDS && ++watch->result->calls[kind] == watch->fault->at) {
        watch->result->has_injected = true;
        if (watch->fault->victim != FAULT_KILLS_NOBODY)
            (void)kill(watch->fault->victim == FAULT_KILLS_FIRST ? watch->first : (pid_t)told.pid, SIGKILL);
        else
            said = (struct seccomp_notif_resp){ .id = told.id, .error = -watch->fault->error };
    }
    (void)ioctl(watch->listener, SECCOMP_IOCTL_NOTIF_SEND, &said);
}

/* Returns whether a process is left. */
static bool reap(struct watch *watch)
{
    int status;
    pid_t child;

    while ((child = waitpid(-1, &status, WNOHANG)) > 0)
        if (child == watch->first) {
            watch->result->status = status;
            watch->has_ended = true;
        }
    return child == 0;
}

static int64_t now_ms(void)
{
    struct timespec now;

    CHECK(clock_gettime(CLOCK_MONOTONIC, &now) == 0);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* SIGCHLD is blocked but while this waits. */
static void watch_to_the_end(struct watch *watch)
{
    const struct timespec a_second = { 1, 0 };
    int64_t start = now_ms();
    sigset_t none;

    sigemptyset(&none);
    while (reap(watch)) {
        struct pollfd poll = { watch->listener, POLLIN, 0 };
        bool is_over = now_ms() - start > PATIENCE_MS;

        if (is_over) {
            watch->result->is_hung = true;
            (void)kill(-watch->first, SIGKILL);
        }
        if (ppoll(&poll, 1, &a_second, &none) > 0 && (poll.revents & POLLIN) != 0)
            answer(watch);
        else if ((poll.revents & (POLLHUP | POLLERR)) != 0)
            (void)usleep(1000); /* all have ended, and are not yet waited for */
    }
}

static struct fault_plan *make_plan(const struct fault *fault, int *file)
{
    *file = memfd_create("plan", 0);
    CHECK(*file >= 0 && ftruncate(*file, sizeof(struct fault_plan)) == 0);
    struct fault_plan *plan = mmap(NULL, sizeof *plan, PROT_READ | PROT_WRITE, MAP_SHARED, *file, 0);
    CHECK(plan != MAP_FAILED);
    plan->allocation_at = fault->kind == FAULT_MALLOC ? fault->at : 0;
    plan->write_at = fault->kind == FAULT_SHORT ? fault->at : 0;
    plan->close_at = fault->kind == FAULT_CLOSE ? fault->at : 0;
    plan->close_error = fault->error;
    return plan;
}

/* Takes the listener of the child that has stopped. -1: there is none. */
static int take_listener(pid_t child)
{
    int status, process, listener;

    CHECK(waitpid(child, &status, WUNTRACED) == child);
    if (!WIFSTOPPED(status))
        return -1;
    process = (int)syscall(SYS_pidfd_open, child, 0);
    listener = (int)syscall(SYS_pidfd_getfd, process, LISTENER_FILE, 0);
    (void)close(process);
    if (listener < 0)
        (void)kill(child, SIGKILL);
    (void)kill(child, SIGCONT);
    return listener;
}

static bool try_supervise(const char *shim, const char *directory, char *const arguments[], const char *output,
                          const char *errors, const struct fault *fault, struct supervised *result)
{
    struct watch watch = { .program = arguments[0], .fault = fault, .result = result };
    struct sigaction action = { .sa_handler = ignore }, old_action;
    sigset_t child_ends, old_signals;
    int plan_file;

    *result = (struct supervised){ .status = -1 };
    sigemptyset(&child_ends);
    sigaddset(&child_ends, SIGCHLD);
    CHECK(sigprocmask(SIG_BLOCK, &child_ends, &old_signals) == 0);
    CHECK(sigaction(SIGCHLD, &action, &old_action) == 0);
    CHECK(prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0) == 0);
    watch.plan = make_plan(fault, &plan_file);
    watch.first = fork();
    CHECK(watch.first >= 0);
    if (watch.first == 0)
        run_child(shim, directory, arguments, output, errors, plan_file, fault);
    watch.listener = take_listener(watch.first);
    if (watch.listener >= 0) {
        watch_to_the_end(&watch);
        (void)close(watch.listener);
    }
    result->calls[FAULT_MALLOC] = watch.plan->allocations;
    result->calls[FAULT_SHORT] = watch.plan->writes;
    result->calls[FAULT_CLOSE] = watch.plan->closes;
    result->has_injected |= watch.plan->has_injected != 0;
    (void)munmap(watch.plan, sizeof *watch.plan);
    (void)close(plan_file);
    (void)sigaction(SIGCHLD, &old_action, NULL);
    (void)sigprocmask(SIG_SETMASK, &old_signals, NULL);
    return watch.listener >= 0;
}

void supervise(const char *shim, const char *directory, char *const arguments[], const char *output, const char *errors,
               const struct fault *fault, struct supervised *result)
{
    CHECK(try_supervise(shim, directory, arguments, output, errors, fault, result));
}

bool supervise_is_supported(void)
{
    char *const nothing[] = { "/bin/true", NULL };
    struct supervised result;
    const struct fault none = { .kind = FAULT_WRITE };

    return try_supervise("", "/", nothing, "/dev/null", "/dev/null", &none, &result) && result.status == 0;
}
