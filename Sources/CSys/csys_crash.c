#define _GNU_SOURCE
#include "csys_crash.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdatomic.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

static const int signals[] = {SIGSEGV, SIGBUS, SIGILL, SIGTRAP, SIGFPE, SIGABRT};
enum { SIGNALS = sizeof signals / sizeof signals[0] };

// What the handler reads; it is written only while `is_guarded` is 0.
static atomic_int is_guarded;
static int terminal;
static struct termios saved_modes;
static char farewell[1024];
static size_t farewell_count;
static struct sigaction before[SIGNALS];
// For a stack that has overflowed.
static char own_stack[64 * 1024];

static void give_back(void) {
  size_t done = 0;
  while (done < farewell_count) {
    // A terminal that takes nothing must not keep a dead program.
    struct pollfd entry = {.fd = terminal, .events = POLLOUT};
    if (poll(&entry, 1, 500) <= 0) break;
    ssize_t count = write(terminal, farewell + done, farewell_count - done);
    if (count <= 0 && errno != EINTR) break;
    if (count > 0) done += (size_t)count;
  }
  tcsetattr(terminal, TCSANOW, &saved_modes);
}

static void crashed(int number, siginfo_t *info, void *context) {
  (void)context;
  int saved_errno = errno;
  if (atomic_exchange(&is_guarded, 0)) give_back();
  for (int i = 0; i < SIGNALS; i++) sigaction(signals[i], &before[i], NULL);
  errno = saved_errno;
  // What the processor found happens again, with all its circumstances, when this returns; what
  // somebody sent would not. It is blocked until then.
  if (info->si_code <= 0 || number == SIGTRAP || number == SIGABRT) raise(number);
}

void csys_guard_terminal(
    int descriptor, const void *modes, const void *bytes, size_t count) {
  csys_unguard_terminal();
  terminal = descriptor;
  memcpy(&saved_modes, modes, sizeof saved_modes);
  farewell_count = count < sizeof farewell ? count : sizeof farewell;
  memcpy(farewell, bytes, farewell_count);

  stack_t stack;
  if (sigaltstack(NULL, &stack) == 0 && (stack.ss_flags & SS_DISABLE)) {
    stack = (stack_t){.ss_sp = own_stack, .ss_size = sizeof own_stack};
    sigaltstack(&stack, NULL);
  }
  atomic_store(&is_guarded, 1);
  // All signals wait meanwhile: SIGTTOU would stop what a process in the background does to a
  // terminal.
  struct sigaction action = {.sa_flags = SA_SIGINFO | SA_ONSTACK};
  action.sa_sigaction = crashed;
  sigfillset(&action.sa_mask);
  for (int i = 0; i < SIGNALS; i++) sigaction(signals[i], &action, &before[i]);
}

void csys_unguard_terminal(void) {
  if (!atomic_exchange(&is_guarded, 0)) return;
  for (int i = 0; i < SIGNALS; i++) sigaction(signals[i], &before[i], NULL);
}
