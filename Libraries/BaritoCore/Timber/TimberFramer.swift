/// Makes documents of what the first Barito wrote to Kafka: protobuf `Timber` and `TimberCollection`, straight from the
/// wire format to JSON bytes.
///
/// ```
/// Timber           { context = 1; string timestamp = 2; google.protobuf.Struct content = 3; }
/// TimberCollection { context = 1; repeated Timber items = 2; }
/// ```
///
/// The document is the content. Where it has no `@timestamp`, the timber's timestamp becomes its last member, or else the
/// framer's fallback. Numbers are doubles there: whole ones within ±2^53 are written as integers, others with as few
/// digits as give the same double, NaN and the infinities as text. A repeated key counts where it stands first, with the
/// value that stands last. Text that is not UTF-8 is repaired with U+FFFD. Keys that differ only in such bytes stay two.
///
/// A framer keeps memory to use again; make one and use it for many.
public struct TimberFramer: Sendable {
  /// How many objects and arrays may be inside each other, the content being the first.
  public static let maximumDepth = StructJSON.maximumDepth

  /// The `@timestamp` where neither content nor timber has one; nil leaves it out.
  public var fallback: Timestamp?
  private var json = StructJSON()

  /// - Parameter fallback: the `@timestamp` where neither content nor timber has one; nil leaves it out.
  public init(fallback: Timestamp? = nil) { self.fallback = fallback }

  /// Appends the document of one `Timber`.
  /// - Throws: what is wrong with it; nothing has been appended then.
  public mutating func timber(
    _ bytes: Span<UInt8>, to output: inout [UInt8]
  ) throws(ProtobufError) -> TimberDocument {
    try requireAddressable(bytes)
    return try timber(at: 0..<bytes.count, in: bytes, to: &output)
  }

  /// Appends the documents of a `TimberCollection`, one outcome for each of its timbers: one that cannot be made a
  /// document does not keep its neighbours from becoming theirs.
  /// - Throws: what is wrong with the collection itself; nothing has been appended then.
  public mutating func collection(
    _ bytes: Span<UInt8>, to output: inout [UInt8]
  ) throws(ProtobufError) -> [TimberOutcome] {
    try requireAddressable(bytes)
    let start = output.count
    var outcomes: [TimberOutcome] = []
    var reader = ProtobufReader(bytes)
    do throws(ProtobufError) {
      while let field = try reader.nextField(in: bytes) {
        guard field == ProtobufField(2, .lengthDelimited) else {
          try reader.skip(field, in: bytes)
          continue
        }
        let range = try reader.lengthDelimited(in: bytes)
        do throws(ProtobufError) {
          outcomes.append(.document(try timber(at: range, in: bytes, to: &output)))
        } catch {
          outcomes.append(.refused(timber: range, error))
        }
      }
    } catch {
      output.removeLast(output.count - start)
      throw error
    }
    return outcomes
  }

  private mutating func timber(
    at range: Range<Int>, in bytes: Span<UInt8>, to output: inout [UInt8]
  ) throws(ProtobufError) -> TimberDocument {
    let start = output.count
    do throws(ProtobufError) {
      return try document(at: range, in: bytes, to: &output)
    } catch {
      output.removeLast(output.count - start)
      json.reset()
      throw error
    }
  }

  private mutating func document(
    at range: Range<Int>, in bytes: Span<UInt8>, to output: inout [UInt8]
  ) throws(ProtobufError) -> TimberDocument {
    var timestamp = 0..<0
    var content = ProtobufOccurrences()
    var reader = ProtobufReader(range)
    while let field = try reader.nextField(in: bytes) {
      switch (field.number, field.wireType) {
      case (2, .lengthDelimited): timestamp = try reader.lengthDelimited(in: bytes)
      case (3, .lengthDelimited): content.append(try reader.lengthDelimited(in: bytes), in: bytes)
      default: try reader.skip(field, in: bytes)
      }
    }

    let start = output.count
    json.reset()
    output.append(UInt8(ascii: "{"))
    var members = StructJSON.Members(isEmpty: true, hasTimestamp: false)
    if content.isOne {
      members = try json.members(of: content.first, in: bytes, depth: 1, to: &output)
    } else if !content.isEmpty {
      let joined = content.joined
      members = try json.members(of: 0..<joined.count, in: joined.span, depth: 1, to: &output)
    }
    let source: TimberDocument.TimestampSource =
      members.hasTimestamp ? .content : !timestamp.isEmpty ? .timber : fallback != nil ? .fallback : .none
    if source == .timber || source == .fallback {
      if !members.isEmpty { output.append(UInt8(ascii: ",")) }
      output.append(contentsOf: #""@timestamp":"#.utf8)
    }
    switch source {
    case .timber: json.repairs += JSONWriter.append(string: bytes.extracting(timestamp), to: &output)
    case .fallback:
      output.append(UInt8(ascii: "\""))
      fallback?.append(to: &output)
      output.append(UInt8(ascii: "\""))
    case .content, .none: break
    }
    output.append(UInt8(ascii: "}"))
    return TimberDocument(
      range: start..<output.count, timestamp: source, repairs: json.repairs, hasContent: !content.isEmpty)
  }

  /// Members are remembered by 32-bit offsets.
  private func requireAddressable(_ bytes: Span<UInt8>) throws(ProtobufError) {
    guard bytes.count <= Int(Int32.max) else {
      throw ProtobufError(.tooLarge, at: 0, "\(bytes.count) bytes, of which protobuf allows 2 GiB")
    }
  }
}
