// libedit's own interface. Its settings go through variadic functions, which Swift cannot call, so
// each one that is needed has a function here.
#pragma once
#include <stdio.h>
#include <histedit.h>

// `stream` is the FILE that gets what libedit draws; modes and sizes are those of the descriptors.
static inline EditLine *cedit_open(int input, int output, void *stream) {
  return el_init_fd("chat-client", stdin, (FILE *)stream, (FILE *)stream, input, output, output);
}

static inline void cedit_set_terminal(EditLine *editor, const char *name) {
  el_set(editor, EL_TERMINAL, name);
}

static inline void cedit_use_emacs_keys(EditLine *editor) { el_set(editor, EL_EDITOR, "emacs"); }

// While a line is worked on the terminal stays as it is while one is typed: what is typed then is
// neither echoed nor held back until the next newline.
static inline void cedit_stay_raw_between_lines(EditLine *editor) {
  el_set(editor, EL_SETTY, "-x", "-echo", "-icanon", NULL);
}

static inline void cedit_set_context(EditLine *editor, void *context) {
  el_set(editor, EL_CLIENTDATA, context);
}

static inline void *cedit_context(EditLine *editor) {
  void *context = NULL;
  el_get(editor, EL_CLIENTDATA, &context);
  return context;
}

static inline void cedit_set_reader(EditLine *editor, el_rfunc_t function) {
  el_wset(editor, EL_GETCFN, function);
}

static inline void cedit_set_prompt(EditLine *editor, wchar_t *(*function)(EditLine *)) {
  el_wset(editor, EL_PROMPT, function);
}

// libedit keeps the pointers to the names, so these are constants.
#define CEDIT_FUNCTION(function, name)                                                      \
  static inline void function(EditLine *editor, unsigned char (*body)(EditLine *, int)) { \
    el_wset(editor, EL_ADDFN, name, name, body);                                            \
  }
CEDIT_FUNCTION(cedit_add_completion, L"chat-complete")
CEDIT_FUNCTION(cedit_add_deletion, L"chat-delete")

static inline void cedit_bind(EditLine *editor, const char *key, const char *command) {
  el_set(editor, EL_BIND, key, command, NULL);
}

// Draws the prompt and the line anew, as if the cursor stood where the prompt begins.
static inline void cedit_draw(EditLine *editor) { el_wset(editor, EL_REFRESH); }

static inline void cedit_set_raw(EditLine *editor, int is_raw) {
  el_wset(editor, EL_PREP_TERM, is_raw);
}

static inline HistoryW *cedit_open_history(EditLine *editor, int lines_max) {
  HistoryW *history = history_winit();
  HistEventW event;
  if (history == NULL) return NULL;
  history_w(history, &event, H_SETSIZE, lines_max);
  history_w(history, &event, H_SETUNIQUE, 1);
  el_wset(editor, EL_HIST, history_w, history);
  return history;
}

static inline void cedit_remember(HistoryW *history, const wchar_t *line) {
  HistEventW event;
  history_w(history, &event, H_ENTER, line);
}
