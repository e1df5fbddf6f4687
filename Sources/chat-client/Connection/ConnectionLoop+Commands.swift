internal import ChatPosix
internal import ChatWire

// What somebody wants of the connection, in the order in which they say it.

extension ConnectionLoop {
  /// Does what was asked for since the last call.
  func takeCommands() {
    shared.wakeUp.clear()
    let commands = shared.commands.withLock { commands in
      defer { commands = [] }
      return commands
    }
    for command in commands { carryOut(command) }
  }

  private func carryOut(_ command: ClientCommand) {
    switch command {
    case .say(let text): say(text)
    case .nickname(let wanted):
      nickname = wanted
      if conversation?.isEstablished == true {
        conversation?.dialogue.askForNickname(wanted)
      } else {
        tell(.information("there is no session yet: the nickname is asked for with the next one"))
      }
    case .who:
      if conversation?.isEstablished == true {
        conversation?.dialogue.askWhoIsHere()
      } else {
        tell(.information("there is no session: nobody can say who is here"))
      }
    case .faults(let rules):
      self.rules = rules
      rulesText = rules.description
      conversation?.setRules(rules)
      if conversation?.dialogue.dialect == .classic { warnOfClassicFaults() }
    case .reconnect(let wishes):
      self.wishes = wishes
      nickname = wishes.nickname ?? nickname
      isNewSessionWanted = true
    case .saveTrace(let path, let replacing):
      tell(.information(trace.save(to: path, replacing: replacing)))
    case .quit(let reason): quitReason = quitReason ?? reason
    case .abort: isAborted = true
    }
  }

  func warnOfClassicFaults() {
    guard !rules.isEmpty else { return }
    tell(.information("faults need the native dialect: nothing is done to classic frames"))
  }

  private func say(_ text: String) {
    messageCount += 1
    let number = messageCount
    if quitReason != nil {
      tell(.undeliverable(message: number, reason: "the session is ending"))
      return
    }
    do {
      _ = try ChatText(text)
    } catch {
      tell(.undeliverable(message: number, reason: error.sentence))
      return
    }
    guard outbox.append(number: number, Array(text.utf8)) else {
      tell(.undeliverable(message: number, reason: "too many messages wait to be confirmed"))
      return
    }
    handOver()
  }

  /// Gives the session what it has not got.
  func handOver() {
    guard conversation?.isEstablished == true, conversation?.isGoodbyeSaid == false,
      !isNewSessionWanted
    else { return }
    while let message = outbox.next,
      let handing = conversation?.dialogue.say(message.number, message.bytes)
    {
      switch handing {
      case .taken: outbox.handOver()
      case .later: return
      case .never(let reason):
        outbox.remove(message.number)
        tell(.undeliverable(message: message.number, reason: reason))
      }
    }
  }
}
