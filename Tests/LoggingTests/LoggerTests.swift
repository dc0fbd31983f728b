import Dispatch
import Glibc
import Synchronization
import Testing

@testable import Logging

@Suite("Logger")
struct LoggerTests {
  let sink = RecordingSink()

  @Test("events below the level are neither written nor made")
  func level() {
    let logger = Logger(sink, level: .notice)
    let made = Mutex(0)
    func message() -> String {
      made.withLock { $0 += 1 }
      return "m"
    }
    logger.debug(message())
    logger.info(message())
    logger.notice(message())
    logger.error(message())
    #expect(made.withLock { $0 } == 2)
    #expect(sink.events.map(\.level) == [.notice, .error])
    #expect(sink.messages(atLeast: .error) == ["m"])
  }

  @Test("the event's metadata wins over the logger's")
  func metadata() {
    let logger = Logger(sink, metadata: ["a": "1", "b": "1"]).with(["b": "2", "c": "2"])
    logger.info("m", ["c": "3"])
    #expect(sink.events == [.init(level: .info, message: "m", metadata: ["a": "1", "b": "2", "c": "3"])])
  }

  @Test("levels are ordered from trace to critical")
  func order() {
    #expect(Logger.Level.allCases.sorted() == [.trace, .debug, .info, .notice, .warning, .error, .critical])
  }

  @Test("the silent logger is silent up to errors")
  func silent() {
    Logger.silent.error(
      {
        Issue.record("the message was made")
        return ""
      }())
  }

  @Test("lines of many threads do not mix, whatever their length", .timeLimit(.minutes(1)))
  func whole() async throws {
    var ends: [Int32] = [0, 0]
    #expect(pipe(&ends) == 0)
    let (reading, writing) = (ends[0], ends[1])
    let logger = Logger(DescriptorSink(writing, format: .auto, allowsColour: true))
    let long = String(repeating: "x", count: 10_000)
    async let text: [UInt8] = readAll(reading)
    await withDiscardingTaskGroup { group in
      for task in 0..<4 {
        group.addTask { for number in 0..<50 { logger.info(long, ["task": "\(task)", "number": "\(number)"]) } }
      }
    }
    close(writing)
    let lines = await text.split(separator: UInt8(ascii: "\n"))
    close(reading)
    #expect(lines.count == 200)
    let tails = Set(lines.map { String(decoding: $0.suffix(28), as: UTF8.self) })
    #expect(tails.count == 200)
    #expect(
      lines.allSatisfy {
        $0.starts(with: "{\"time\":\"20".utf8) && $0.last == UInt8(ascii: "}") && $0.count - long.utf8.count < 120
      })
  }

  @Test("a full pipe that does not block loses nothing", .timeLimit(.minutes(1)))
  func fullPipe() async throws {
    var ends: [Int32] = [0, 0]
    #expect(pipe(&ends) == 0)
    let (reading, writing) = (ends[0], ends[1])
    _ = fcntl(writing, F_SETFL, O_NONBLOCK)
    async let text: [UInt8] = readAll(reading)
    let logger = Logger(DescriptorSink(writing, format: .text, allowsColour: true))
    await withCheckedContinuation { continuation in
      DispatchQueue(label: "writer").async {
        for _ in 0..<100 { logger.info(String(repeating: "y", count: 5000)) }
        close(writing)
        continuation.resume()
      }
    }
    let lines = await text.split(separator: UInt8(ascii: "\n"))
    close(reading)
    #expect(lines.count == 100)
    #expect(lines.allSatisfy { $0.count > 5000 && !$0.contains(0x1b) })
  }

  @Test("a logger without a reader does not end or stall the program")
  func closed() {
    Logger(DescriptorSink(-1, format: .json, allowsColour: false)).error("nobody reads this")
  }
}

/// Reads to the end on a thread of its own.
private func readAll(_ descriptor: Int32) async -> [UInt8] {
  await withCheckedContinuation { continuation in
    DispatchQueue(label: "reader").async {
      var bytes: [UInt8] = []
      var chunk = [UInt8](repeating: 0, count: 65536)
      while true {
        let count = read(descriptor, &chunk, chunk.count)
        guard count > 0 else { break }
        bytes.append(contentsOf: chunk[..<count])
      }
      continuation.resume(returning: bytes)
    }
  }
}
