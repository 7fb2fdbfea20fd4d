#define _GNU_SOURCE
#include "CProcess.h"

#include <errno.h>
#include <fcntl.h>
#include <malloc.h>
#include <signal.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

void apatite_keep_freed_memory(void) {
    mallopt(M_MMAP_MAX, 0);
    mallopt(M_TRIM_THRESHOLD, -1);
    mallopt(M_TOP_PAD, 64 << 20);
    // What one thread frees is there for all.
    mallopt(M_ARENA_MAX, 1);
}

int apatite_heap_in_file(const char *folder, size_t bytes, size_t kept) {
    const size_t page = (size_t)sysconf(_SC_PAGESIZE), huge = (size_t)2 << 20;
    char *const ordinary = malloc(kept + huge);
    if (ordinary == NULL) return ENOMEM;
    // Large pages, where the system grants them: it takes a quarter of the time to clear them.
    madvise(ordinary + (huge - (uintptr_t)ordinary % huge), kept, MADV_HUGEPAGE);
    free(ordinary);
    struct rlimit limit;
    if (getrlimit(RLIMIT_FSIZE, &limit) == 0 && limit.rlim_cur < bytes) bytes = limit.rlim_cur;
    if (bytes <= kept + 64 * page) return 0;
    bytes -= kept;
    int file = open(folder, O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
    if (file < 0) return errno;
    int reason = 0;
    // Blocks on disk from the start: a page without one would end the process when the disk is full.
    if (fallocate(file, 0, 0, (off_t)bytes) != 0) reason = errno;
    char *const below = reason ? NULL : malloc(kept);
    char *const memory = below == NULL ? NULL : malloc(bytes);
    if (memory != NULL) {
        char *const first = memory + (page - (uintptr_t)memory % page);
        const size_t length = (bytes - (size_t)(first - memory)) / page * page;
        // Nobody has written there yet but malloc itself, before `memory` and behind its end.
        if (mmap(first, length, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_FIXED, file, 0) == MAP_FAILED) reason = errno;
        free(memory);
        free(below);
    } else if (reason == 0) {
        free(below);
        reason = ENOMEM;
    }
    close(file);
    return reason;
}

int apatite_pipe(int ends[2], int nonblocking) {
    return pipe2(ends, O_CLOEXEC | (nonblocking ? O_NONBLOCK : 0));
}

/// Only async-signal-safe calls. Does not return.
static void become(
    const char *program, char *const environment[], const int standard[3], int report, pid_t parent) {
    int kept[3];
    int failed = setpgid(0, 0) != 0 || prctl(PR_SET_PDEATHSIG, SIGKILL) != 0;
    // The parent may have ended before the kernel was asked.
    if (getppid() != parent) _exit(127);
    // Out of the way first: one of the three may have the number of another.
    for (int i = 0; i < 3 && !failed; i++) {
        kept[i] = fcntl(standard[i], F_DUPFD_CLOEXEC, 4);
        failed = kept[i] < 0;
    }
    if (!failed) report = fcntl(report, F_DUPFD_CLOEXEC, 4);
    for (int i = 0; i < 3 && !failed; i++) failed = dup2(kept[i], i) < 0;
    // Not closed but marked, so that the report on exec itself still works.
    failed = failed || close_range(3, ~0U, CLOSE_RANGE_CLOEXEC) != 0;
    for (int number = 1; number < NSIG; number++) {
        struct sigaction action = {.sa_handler = SIG_DFL};
        sigaction(number, &action, NULL);
    }
    sigset_t none;
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
    if (!failed) {
        char *const arguments[] = {(char *)program, NULL};
        execve(program, arguments, environment);
    }
    int reason = errno;
    ssize_t written = write(report, &reason, sizeof reason);
    _exit(written == sizeof reason ? 127 : 126);
}

int apatite_spawn(
    const char *program, char *const environment[], int input, int output, int error, pid_t *process) {
    int report[2];
    if (pipe2(report, O_CLOEXEC) != 0) return errno;
    const int standard[3] = {input, output, error};
    const pid_t parent = getpid();
    const pid_t child = fork();
    if (child == 0) become(program, environment, standard, report[1], parent);
    const int failure = errno;
    close(report[1]);
    int reason = 0;
    if (child < 0) {
        reason = failure;
    } else {
        ssize_t count;
        do count = read(report[0], &reason, sizeof reason);
        while (count < 0 && errno == EINTR);
        if (count == (ssize_t)sizeof reason) {
            waitpid(child, NULL, 0);
        } else {
            reason = 0;
            *process = child;
        }
    }
    close(report[0]);
    return reason;
}
