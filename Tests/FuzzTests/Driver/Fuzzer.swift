import CFuzzer
import FuzzTargets
import Synchronization

/// Hands libFuzzer's inputs to one target.
enum Fuzzer {
  /// What libFuzzer's callback, which has no context, runs.
  private static let target = Mutex<FuzzTarget?>(nil)

  static func run(_ chosen: FuzzTarget, _ arguments: [String]) {
    target.withLock { $0 = chosen }
    var count = CInt(arguments.count)
    var strings: [UnsafeMutablePointer<CChar>?] = arguments.map { strdup($0) } + [nil]
    strings.withUnsafeMutableBufferPointer { buffer in
      var base = buffer.baseAddress
      _ = LLVMFuzzerRunDriver(&count, &base) { bytes, size in
        let target = Fuzzer.target.withLock { $0 }
        target?.run(Span(_unsafeStart: bytes!, count: size))
        return 0
      }
    }
  }
}
