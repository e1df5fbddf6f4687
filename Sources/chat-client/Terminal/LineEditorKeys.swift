/// What keys do beyond what libedit gives them in its Emacs mode, in its own spelling.
enum LineEditorKeys {
  /// Keys, and names of libedit's functions or ours.
  static let all: [(key: String, command: String)] = [
    ("^I", "chat-complete"),
    ("^D", "chat-delete"),
    ("^R", "em-inc-search-prev"),
    ("^W", "ed-delete-prev-word"),
    ("^U", "vi-kill-line-prev"),
    ("\\e[A", "ed-prev-history"),
    ("\\e[B", "ed-next-history"),
    ("\\e[C", "ed-next-char"),
    ("\\e[D", "ed-prev-char"),
    ("\\eOA", "ed-prev-history"),
    ("\\eOB", "ed-next-history"),
    ("\\eOC", "ed-next-char"),
    ("\\eOD", "ed-prev-char"),
    ("\\e[H", "ed-move-to-beg"),
    ("\\e[F", "ed-move-to-end"),
    ("\\e[1~", "ed-move-to-beg"),
    ("\\e[4~", "ed-move-to-end"),
    ("\\e[7~", "ed-move-to-beg"),
    ("\\e[8~", "ed-move-to-end"),
    ("\\eOH", "ed-move-to-beg"),
    ("\\eOF", "ed-move-to-end"),
    ("\\e[3~", "ed-delete-next-char"),
    ("\\e[1;5C", "em-next-word"),
    ("\\e[1;5D", "ed-prev-word"),
  ]
}

extension Unicode.Scalar {
  /// As a C program has it.
  var wide: Int32 { Int32(bitPattern: value) }
}
