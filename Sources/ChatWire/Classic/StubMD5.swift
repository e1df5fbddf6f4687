public func classicChecksum(of bytes: RawSpan) -> UInt32 { 0 }
