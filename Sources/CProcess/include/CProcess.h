#pragma once
#include <stddef.h>
#include <sys/types.h>

/// Why C: between fork and exec only async-signal-safe calls are allowed, which Swift cannot promise; and pipe2,
/// close_range, mallopt and O_TMPFILE are GNU extensions that Swift's Glibc module does not show.

/// Freed memory stays with the process for the next image of the same size: the kernel takes as long to hand out and
/// clear fresh pages as a filter takes to run. For a process that analyses one study and ends.
void apatite_keep_freed_memory(void);

/// Puts what of the next `bytes` of the heap lies beyond the first `kept` into a file without a name in a folder, whose
/// blocks on disk are taken at once and given back when the process ends. After `apatite_keep_freed_memory`, and before
/// what it is for.
///
/// The kernel can write such memory out where it needs room, as it could not without swap, and it writes nothing where
/// there is room. The process must not fork while others use the heap: both would see one memory.
/// 0, or the errno of what failed; the heap is as it was then, in ordinary memory.
int apatite_heap_in_file(const char *folder, size_t bytes, size_t kept);

/// A pipe whose ends no other program inherits. 0, or -1 with errno.
int apatite_pipe(int ends[2], int nonblocking);

/// Starts a program in a process group of its own with three descriptors and nothing else open, all signals at their
/// defaults; the kernel ends it when the calling thread ends. 0, or the errno of what failed, exec included.
int apatite_spawn(
    const char *program, char *const environment[], int input, int output, int error, pid_t *process);
