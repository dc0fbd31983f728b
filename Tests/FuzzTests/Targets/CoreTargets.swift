import BaritoCore

extension FuzzTarget {
  static let core: [FuzzTarget] = [
    FuzzTarget("json") { bytes in
      guard let element = try? JSONScanner.validate(bytes) else { return }
      require(element.range.upperBound <= bytes.count, "the value ends behind the text")
      guard element.kind == .object else { return }
      var members = JSONMembers(of: element.range)
      do throws(JSONError) {
        while let member = try members.next(in: bytes) { _ = member.value.string(in: bytes) }
      } catch {
        fatalError("a valid object cannot be walked: \(error)")
      }
    },
    FuzzTarget("timber") { bytes in
      var framer = TimberFramer(fallback: .earliest)
      var output: [UInt8] = []
      if let document = try? framer.timber(bytes, to: &output) { requireDocument(output, document.range) }
      output = []
      for case .document(let document) in (try? framer.collection(bytes, to: &output)) ?? [] {
        requireDocument(output, document.range)
      }
    },
    FuzzTarget("timestamp") { bytes in
      guard let text = String(validating: ByteSequence(bytes), as: UTF8.self), let time = Timestamp(text) else {
        return
      }
      require(Timestamp(time.description) == time, "\(text) does not come back as \(time)")
    },
    FuzzTarget("base64") { bytes in
      let content = ByteSequence(bytes).map { $0 }
      require(Base64.decode(Base64.encode(content).utf8) == content, "base64 does not come back")
      _ = Base64.decode(content)
    },
  ]
}

/// What Kafka may hold: a JSON object on one line, in UTF-8.
func requireDocument(_ arena: [UInt8], _ range: Range<Int>) {
  let bytes = arena.span.extracting(range)
  guard let element = try? JSONScanner.validate(bytes) else {
    fatalError("not JSON: \(String(decoding: arena[range], as: UTF8.self))")
  }
  require(element.kind == .object && element.range == 0..<bytes.count, "not one object")
  require(UTF8Repair.isValid(bytes), "not UTF-8")
  require(!arena[range].contains(0x0A) && !arena[range].contains(0x0D), "more than one line")
}

/// A span as a sequence, for what takes only that.
struct ByteSequence: Sequence {
  private let bytes: [UInt8]

  init(_ span: Span<UInt8>) {
    var bytes: [UInt8] = []
    bytes.reserveCapacity(span.count)
    for index in span.indices { bytes.append(span[index]) }
    self.bytes = bytes
  }

  func makeIterator() -> IndexingIterator<[UInt8]> { bytes.makeIterator() }
}
