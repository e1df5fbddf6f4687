// What gives a terminal back when the process crashes.
#pragma once
#include <stddef.h>

// From now on a crash (SIGSEGV, SIGBUS, SIGILL, SIGTRAP, SIGFPE, SIGABRT) first writes these bytes,
// of which at most 1,024 are kept, to a terminal and gives it these modes (a termios); then the
// signal does what it would have done.
void csys_guard_terminal(
    int descriptor, const void *modes, const void *bytes, size_t count);

// Ends that.
void csys_unguard_terminal(void);
