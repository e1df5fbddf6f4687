import ChatCurses
import Testing
