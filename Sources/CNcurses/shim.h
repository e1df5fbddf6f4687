// ncurses with wide characters. What Swift cannot import (variadic functions, macros, globals that
// change) has a function here.
#pragma once
#define NCURSES_WIDECHAR 1
#define NCURSES_NOMACROS 1
#include <curses.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>

// <term.h> has these, and macros whose names other headers use.
extern int setupterm(const char *name, int descriptor, int *problem);

static inline WINDOW *cncurses_window(void) { return stdscr; }
static inline WINDOW *cncurses_shown_screen(void) { return curscr; }

static inline unsigned cncurses_bold(void) { return A_BOLD; }
static inline unsigned cncurses_dim(void) { return A_DIM; }
static inline unsigned cncurses_reverse(void) { return A_REVERSE; }

// True if the terminal is known by this name, and its cursor can be placed.
static inline int cncurses_knows(const char *name, int output) {
  int problem = 0;
  if (setupterm(name, output, &problem) != OK) return 0;
  const char *placing = tigetstr("cup");
  return placing != NULL && placing != (char *)-1;
}

// newterm(3) on copies of two descriptors; NULL if it fails. Signals are left to the program:
// ncurses catches some, which is undone.
static inline SCREEN *cncurses_open(const char *name, int output, int input) {
  static const int caught[] = {SIGINT, SIGTERM, SIGTSTP, SIGWINCH};
  enum { COUNT = sizeof caught / sizeof caught[0] };
  struct sigaction before[COUNT];
  int output_copy = fcntl(output, F_DUPFD_CLOEXEC, 3);
  int input_copy = fcntl(input, F_DUPFD_CLOEXEC, 3);
  FILE *output_stream = output_copy < 0 ? NULL : fdopen(output_copy, "w");
  FILE *input_stream = input_copy < 0 ? NULL : fdopen(input_copy, "r");
  if (output_stream == NULL || input_stream == NULL) return NULL;
  for (int i = 0; i < COUNT; i++) sigaction(caught[i], NULL, &before[i]);
  SCREEN *screen = newterm(name, output_stream, input_stream);
  for (int i = 0; i < COUNT; i++) sigaction(caught[i], &before[i], NULL);
  return screen;
}

// A string of the terminal's description, or NULL if it has none.
static inline const char *cncurses_string(const char *capability) {
  const char *value = tigetstr(capability);
  return value == (char *)-1 ? NULL : value;
}
