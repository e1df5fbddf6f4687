// ncurses with wide characters. What Swift cannot import (variadic functions, macros, globals that
// change) has a function here.
#pragma once
#define NCURSES_WIDECHAR 1
#define NCURSES_NOMACROS 1
#include <curses.h>

static inline WINDOW *cncurses_screen(void) { return stdscr; }
