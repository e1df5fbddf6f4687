import ChatTrace
import Testing

@Suite("Filter errors") struct FilterErrorTests {
  /// Filter, line of carets, sentence.
  @Test(
    "Every error has a sentence and a place",
    arguments: [
      ("chat.seq = = 4", "         ^", "\"=\" is not an operator; \"==\" compares"),
      ("seq & 4", "    ^", "\"&\" is not an operator; \"&&\" or \"and\" joins tests"),
      ("seq | 4", "    ^", "\"|\" is not an operator; \"||\" or \"or\" joins tests"),
      ("text contains “a”", "              ^", "text stands in straight double quotes: \"...\""),
      ("seq == #", "       ^", "\"#\" is not expected here"),
      ("seq ==", "      ^", "something is missing at the end of the filter"),
      ("seq and", "       ^", "something is missing at the end of the filter"),
      ("not", "   ^", "something is missing at the end of the filter"),
      ("(seq == 4", "         ^", "\")\" is missing for the \"(\" in column 1"),
      ("seq in {4", "         ^", "\"}\" is missing for the \"{\" in column 8"),
      ("seq == 4)", "        ^", ") is not expected here"),
      ("seq 4", "    ^", "4 is not expected here"),
      ("(seq) == 4", "      ^~", "== is not expected here"),
      ("seq == and", "       ^~~", "and is not expected here"),
      ("seq == 4 AND ack", "         ^~~", "operators are in lower case: and"),
      ("seq not 4", "    ^~~", "not is not expected here"),
      ("any seq", "^~~", "\"any\" stands before a comparison"),
      ("seq in 4", "       ^", "a set stands in braces, as in {1, 4..7}"),
      ("seq in", "      ^", "a set is missing, as in {1, 4..7}"),
      ("seq in {}", "        ^", "} is not expected here"),
      ("seq in {5..3}", "        ^~~~", "nothing lies in this range: it ends before it begins"),
      ("type in {ACK..DATA}", "^~~~", "type has no order; compare type_code"),
      ("typ == NACK", "^~~", "\"typ\" is not a field; did you mean type?"),
      ("sequense == 4", "^~~~~~~~", "\"sequense\" is not a field; did you mean sequence?"),
      (
        "chat.zzzzzzz", "^~~~~~~~~~~~",
        "\"chat.zzzzzzz\" is not a field; chat-inspect fields lists them"
      ),
      ("4", "^", "4 is not a field"),
      ("\"a\" contains text", "^~~", "\"a\" is not a field"),
      ("4 == 5", "  ^~", "a comparison needs a field on one side"),
      ("4 == foo", "     ^~~", "\"foo\" is not a field; chat-inspect fields lists them"),
      ("lower == 4", "^~~~~", "lower is a function: lower(...)"),
      ("AND", "^~~", "operators are in lower case: and"),
      (
        "foo(seq) == 1", "^~~",
        "\"foo\" is not a function; they are len, count, lower, upper, string, min, max, abs"
      ),
      ("len(seq) == 1", "    ^~~", "len takes text or bytes; seq is a number"),
      ("lower(payload) == \"a\"", "      ^~~~~~~", "lower takes text; payload is bytes"),
      ("abs(text) == 1", "    ^~~~", "abs takes a number; text is text"),
      ("count(len(text)) == 1", "      ^~~~~~~~~", "count takes a field; len(text) is none"),
      ("len() == 1", "^~~~~", "len takes one field"),
      ("len(text, text) == 1", "^~~~~~~~~~~~~~~", "len takes one field"),
      ("len(4) == 1", "    ^", "4 is not a field"),
      ("max(1, 2) == 1", "^~~~~~~~~", "min and max need a field"),
      ("max(text) == 1", "    ^~~~", "min and max take numbers; text is text"),
      ("max(seq, time) == 1", "         ^~~~", "seq is a number; time is a time in seconds"),
      ("len(text)", "^~~~~~~~~", "len(text) is a value, not a test: compare it with something"),
      ("sequence == \"abc\"", "            ^~~~~", "sequence is a number; \"abc\" is not"),
      ("sequence == \"4\"", "            ^~~", "sequence is a number; write it without quotes"),
      ("sequence == 4x", "            ^~", "sequence is a number; 4x is not"),
      ("sequence == 09", "            ^~", "sequence is a number; 09 is not"),
      (
        "sequence == nextexpected", "            ^~~~~~~~~~~~",
        "sequence is a number; nextexpected is not; did you mean next_expected?"
      ),
      ("sequence == -1", "            ^~", "sequence is never negative"),
      (
        "offset < 18446744073709551616", "         ^~~~~~~~~~~~~~~~~~~~",
        "18446744073709551616 is too large; the most is 18446744073709551615"
      ),
      ("last == 2", "        ^", "last is true or false; 2 is not"),
      (
        "time > 1.0000000001", "       ^~~~~~~~~~~~",
        "time is a time in seconds; 1.0000000001 is not, as 1577836800.123456789 is"
      ),
      (
        "time > 99999999999", "       ^~~~~~~~~~~",
        "time is a time in seconds; 99999999999 is not, as 1577836800.123456789 is"
      ),
      ("direction == c3s", "             ^~~", "direction has no value \"c3s\"; did you mean c2s?"),
      ("direction == 1", "             ^", "direction is one of c2s, s2c; 1 is not"),
      ("type == DTAA", "        ^~~~", "type has no value \"DTAA\"; did you mean DATA?"),
      ("direction < s2c", "^~~~~~~~~", "direction has no order; use == or !="),
      ("type > DATA", "^~~~", "type has no order; compare type_code"),
      (
        "payload == xyz", "           ^~~",
        "payload is bytes; xyz is not; write aa:bb:cc or \"text\""
      ),
      (
        "payload == 0xdead", "           ^~~~~~",
        "payload is bytes; 0xdead is not; write aa:bb:cc or \"text\""
      ),
      ("payload == text", "           ^~~~", "payload is bytes; text is text"),
      ("sequence == time", "            ^~~~", "sequence is a number; time is a time in seconds"),
      (
        "leg == direction", "       ^~~~~~~~~",
        "leg is one of wire, client, server; direction is one of c2s, s2c"
      ),
      ("text == \"\\xff\"", "        ^~~~~~", "text is text; these bytes are not UTF-8"),
      ("text == '\\xff'", "        ^~~~~~", "text is text; this byte is not UTF-8"),
      (
        "seq contains 4", "^~~",
        "seq is a number; \"contains\" is for text and bytes, or string(seq)"
      ),
      (
        "seq matches \"4\"", "^~~",
        "seq is a number; \"matches\" is for text and bytes, or string(seq)"
      ),
      ("text matches a", "             ^", "a regular expression stands in double quotes"),
      ("text matches \"(\"", "             ^~~", "this is not a regular expression"),
      ("text matches \"\\xff\"", "             ^~~~~~", "this regular expression is not UTF-8"),
      (
        "text matches \"\\d\"", "              ^~",
        "\\d is not an escape; \"\\\\\" is a backslash, and r\"...\" leaves them alone"
      ),
      ("text == \"a", "        ^", "the closing \" is missing"),
      ("text == r\"a\\", "        ^", "the closing \" is missing"),
      ("text == 'a", "        ^", "the closing ' is missing"),
      ("text == 'ab'", "        ^~~~", "'ab' is not one byte; text stands in double quotes"),
      ("text == \"\\x\"", "         ^~", "this escape needs 1 hexadecimal digit"),
      ("text == \"\\u12\"", "         ^~~~", "this escape needs 4 hexadecimal digits"),
      ("text == \"\\ud800\"", "         ^~~~~~", "this is not a character"),
      ("text == \"\\400\"", "         ^~~~", "an octal escape is at most \\377"),
      ("seq[1] == 1", "^~~", "seq is a number; only text and bytes have slices"),
      ("4[1] == 1", "^", "4 is not a field"),
      ("payload[] == 1", "        ^", "a slice is [i:j], [i-j], [i], [:j] or [i:]"),
      ("payload[1;2] == 1", "         ^", "a slice is [i:j], [i-j], [i], [:j] or [i:]"),
      ("payload[1:0] == 1", "        ^~~", "the length of a slice is at least 1"),
      ("payload[5-3] == 1", "        ^~~", "a slice ends after it begins"),
      ("payload[1", "         ^", "\"]\" is missing"),
      ("payload[5000000000] == 1", "        ^~~~~~~~~~", "this offset is too large"),
      ("payload[0x] == 1", "        ^~", "a slice is [i:j], [i-j], [i], [:j] or [i:]"),
      (
        "upper(type) == DATA", "               ^~~~", "upper(type) is text; DATA is true or false"
      ),
      ("packets = 3", "        ^", "\"=\" is not an operator; \"==\" compares"),
    ])
  func sentence(filter: String, carets: String, message: String) throws {
    let error = try #require(refusal(filter))
    #expect(error.message == message)
    #expect(error.caretMessage(for: filter) == filter + "\n" + carets)
  }

  @Test func `the caret stands under wide, combined and escaped characters`() throws {
    for (filter, shown) in [
      ("text == \"世界\" seq", "text == \"世界\" seq\n               ^~~"),
      ("text == \"👍🏽é\" seq", "text == \"👍🏽é\" seq\n              ^~~"),
      ("\tseq\t= 4", " seq = 4\n     ^"),
      (
        "text == \"\u{1B}[31m\u{202E}\" seq",
        "text == \"\\x1b[31m\\u{202e}\" seq\n                           ^~~"
      ),
      ("seq ==\n世 or", "seq ==\\n世 or\n        ^~"),
    ] {
      let error = try #require(refusal(filter))
      #expect(error.caretMessage(for: filter) == shown)
    }
  }

  @Test func `a long filter is cut around its error`() throws {
    let filter =
      String(repeating: "seq == 4 or ", count: 60) + "seq = 5" + String(repeating: " ", count: 90)
    let lines = try #require(refusal(filter)).caretMessage(for: filter).split(separator: "\n")
    #expect(lines.count == 2)
    #expect(lines[0].count <= 122)
    let caret = try #require(lines[1].firstIndex(of: "^"))
    let column = lines[1].distance(from: lines[1].startIndex, to: caret)
    #expect(Array(lines[0])[column] == "=")
    #expect(lines[0].hasPrefix("…") && lines[0].hasSuffix("…"))
  }

  @Test func `columns count characters`() throws {
    let error = try #require(refusal("text == \"👨‍👩‍👧é\" = 4"))
    #expect(error.column == 14)
    #expect(error.length == 1)
  }

  @Test func `without regular expressions a filter with one is refused`() {
    #expect(throws: FilterError.self) { try Filter("text matches \"a\"", matcher: nil) }
    #expect(throws: Never.self) { try Filter("text contains \"a\"", matcher: nil) }
  }
}
