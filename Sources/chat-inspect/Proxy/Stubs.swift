internal import ChatTrace
internal import ChatWire
extension FrameAlteration {
  func applied(to frame: [UInt8], _ dialect: Dialect) -> [UInt8] { frame }
}
