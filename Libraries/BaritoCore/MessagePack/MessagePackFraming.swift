/// Finds where the value that a stream goes on with ends, while its bytes arrive: what has been looked at is not looked at
/// again.
///
/// ```swift
/// var framing = MessagePackFraming()
/// while true {
///   received.append(contentsOf: try await connection.read())
///   if let length = try framing.length(in: received.span) { … }    // a new framing for what follows
/// }
/// ```
public struct MessagePackFraming: Sendable {
  private let limits: MessagePackLimits
  /// How much of the value has been looked at, in whole tokens.
  private var scanned = 0
  /// Values still to come on the current level, and on the levels around it.
  private var left = 1
  private var outer: [Int] = []
  private var elements = 0

  public init(limits: MessagePackLimits = MessagePackLimits()) { self.limits = limits }

  /// The length of the value in bytes; nil while it goes on behind what has come so far.
  /// - Parameter bytes: everything that has come so far, from the value's first byte on.
  /// - Throws: what is wrong with the value, whatever follows; never `incomplete`.
  public mutating func length(in bytes: Span<UInt8>) throws(MessagePackError) -> Int? {
    try length(in: bytes, from: 0, to: bytes.count)
  }

  /// The same for a value that begins at `start`; errors count from the first byte of `bytes`.
  mutating func length(in bytes: Span<UInt8>, from start: Int, to end: Int) throws(MessagePackError) -> Int? {
    var reader = MessagePackReader(start &+ scanned..<end, limits: limits)
    while true {
      while left == 0 {
        guard let around = outer.popLast() else { return scanned }
        left = around
      }
      let offset = reader.position
      let token: MessagePackToken
      do throws(MessagePackError) {
        token = try reader.next(in: bytes)
      } catch {
        if error.needsMoreBytes { return nil }
        throw error
      }
      left &-= 1
      scanned = reader.position &- start
      switch token {
      case .array(let count): try enter(count, count, at: offset)
      case .map(let count): try enter(count, 2 &* count, at: offset)
      default: break
      }
    }
  }

  private mutating func enter(_ count: Int, _ values: Int, at offset: Int) throws(MessagePackError) {
    elements &+= count
    guard elements <= limits.elements else { throw .tooMany(elements, limits.elements, at: offset) }
    guard outer.count < limits.depth else { throw .tooDeep(limits.depth, at: offset) }
    outer.append(left)
    left = values
  }
}

extension MessagePackError {
  @inline(never)
  static func tooDeep(_ limit: Int, at offset: Int) -> Self {
    MessagePackError(.tooDeep, at: offset, "more than \(limit) arrays and maps inside each other")
  }
}
