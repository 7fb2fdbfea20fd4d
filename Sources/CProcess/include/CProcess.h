#pragma once
#include <sys/types.h>

/// Why C: between fork and exec only async-signal-safe calls are allowed, which Swift cannot promise; and pipe2,
/// close_range and mallopt are GNU extensions that Swift's Glibc module does not show.

/// Freed memory stays with the process for the next image of the same size: the kernel takes as long to hand out and
/// clear fresh pages as a filter takes to run. For a process that analyses one study and ends.
void apatite_keep_freed_memory(void);

/// A pipe whose ends no other program inherits. 0, or -1 with errno.
int apatite_pipe(int ends[2], int nonblocking);

/// Starts a program in a process group of its own with three descriptors and nothing else open, all signals at their
/// defaults; the kernel ends it when the calling thread ends. 0, or the errno of what failed, exec included.
int apatite_spawn(
    const char *program, char *const environment[], int input, int output, int error, pid_t *process);
