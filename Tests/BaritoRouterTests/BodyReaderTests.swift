import BaritoCore
import Compression
import Testing

@testable import BaritoRouter

@Suite struct BodyReaderTests {
  private let reader = BodyReader(
    limits: BodyReader.Limits(bodyBytes: 1_000, inflatedBytes: 5_000, documentBytes: 300, items: 4),
    inflater: Inflater())
  private let now = Timestamp(milliseconds: 1_700_000_000_000) ?? .earliest

  private func frame(
    _ body: [UInt8], _ encoding: CompressionFormat? = nil, _ format: ProduceFormat = .items
  ) throws(Refusal) -> [String] {
    let form = ProduceProtocol.Form(format: format, wantsReceipt: false)
    let batch = try reader.read(body, encoding, as: ProduceProtocol(), form, receivedAt: now).batch
    return batch.documents.map { String(decoding: batch.bytes[$0], as: UTF8.self) }
  }

  private func refusal(_ body: [UInt8], _ encoding: CompressionFormat? = nil, _ format: ProduceFormat = .items)
    -> Refusal?
  {
    do throws(Refusal) { _ = try frame(body, encoding, format) } catch { return error }
    return nil
  }

  @Test("encodings that are known, in any case")
  func encodings() throws {
    #expect(try BodyReader.compression(of: nil) == nil)
    #expect(try BodyReader.compression(of: "identity") == nil)
    #expect(try BodyReader.compression(of: "GZIP") == .gzip)
    #expect(try BodyReader.compression(of: "x-gzip") == .gzip)
    #expect(try BodyReader.compression(of: "deflate") == .deflate)
    #expect(try BodyReader.compression(of: "zstd") == .zstd)
    do throws(Refusal) {
      _ = try BodyReader.compression(of: "br")
      Issue.record("it was taken")
    } catch {
      #expect(error.status == 415)
    }
  }

  @Test("what a client wrote is kept byte for byte, what is no object becomes a message")
  func documents() throws {
    let body = #"{"other":1,"items":[{"b":1.10,"b":2,"@timestamp":"x"},"text",7,{}]}"#
    let stamp = #""@timestamp":"2023-11-14T22:13:20.000Z"}"#
    #expect(
      try frame(Array(body.utf8)) == [
        #"{"b":1.10,"b":2,"@timestamp":"x"}"#, #"{"message":"text","# + stamp, #"{"message":"7","# + stamp, "{" + stamp,
      ])
  }

  @Test("broken JSON is refused with its place")
  func broken() {
    let refusal = refusal(Array(#"{"items":[{"a":1},{"a":}]}"#.utf8))
    #expect(refusal?.status == 400 && refusal?.members.first?.name == "offset" && refusal?.members.first?.value == 23)
  }

  @Test("limits are told in the refusal that they cause")
  func limits() {
    let long = Array(#"{"items":["\#(String(repeating: "x", count: 400))"]}"#.utf8)
    #expect(refusal(long)?.code == .lineTooLarge)
    #expect(refusal(long)?.members.contains { $0 == ("limit", 300) } == true)
    #expect(refusal(Array(#"{"items":[1,2,3,4,5]}"#.utf8))?.code == .tooManyItems)
    #expect(refusal(Array(#"{"item":[]}"#.utf8))?.status == 400)
  }

  @Test("a bomb is refused when it is larger than may be, and what is not compressed as it says")
  func compressed() {
    let bomb = Deflater.deflate([UInt8](repeating: 0x20, count: 1_000_000), as: .gzip)
    #expect(bomb.count < 2_000)
    #expect(refusal(bomb, .gzip)?.status == 413)
    #expect(refusal(Array("{}".utf8), .gzip)?.code == .malformed)
    #expect(refusal([], .gzip)?.code == .malformed)
  }

  @Test("a body is refused by its length alone")
  func length() throws {
    try reader.limits.check(contentLength: "1000")
    try reader.limits.check(contentLength: nil)
    do throws(Refusal) {
      try reader.limits.check(contentLength: "1001")
      Issue.record("it was taken")
    } catch {
      #expect(error.status == 413)
    }
  }
}
