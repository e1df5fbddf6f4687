// libedit's readline interface. Its state is in mutable globals, which Swift 6 does not let pass,
// so each one that is needed has an accessor.
#pragma once
#include <stdio.h>
#include <editline/readline.h>

static inline const char *cedit_line(void) { return rl_line_buffer; }
static inline int cedit_point(void) { return rl_point; }
static inline int cedit_end(void) { return rl_end; }
static inline void cedit_set_completion(rl_completion_func_t *function) {
  rl_attempted_completion_function = function;
}
static inline void cedit_stop_default_completion(void) { rl_attempted_completion_over = 1; }
static inline void cedit_set_completion_append(int character) {
  rl_completion_append_character = character;
}
static inline void cedit_set_program(const char *name) { rl_readline_name = (char *)name; }
