import CPCRE2
import Glibc

/// Finds every place of patterns in texts. Keeps its memory from text to text, hence serves one task at a time.
///
/// PCRE2 bounds what a match may cost from one place of a text on; here all places together are bounded too, by the
/// processor time that they take, so that a long text cannot hold its caller either.
public final class RegexSearch {
  /// Steps from one place on; less than a millisecond.
  private static let matchLimit: UInt32 = 50_000
  /// Places between two looks at the clock, at first.
  private static let shortestStride = 512
  private static let longestStride = 1 << 16
  /// Processor time that a text may take, in nanoseconds: so much, and so much for each byte.
  private static let patience: (base: UInt64, byte: UInt64) = (5_000_000, 100)

  private let found: OpaquePointer
  private let limits: OpaquePointer
  private let stack: OpaquePointer

  public init() {
    guard let found = pcre2_match_data_create_8(1, nil), let limits = pcre2_match_context_create_8(nil),
      let stack = pcre2_jit_stack_create_8(32 << 10, 1 << 20, nil)
    else { fatalError("no memory for a search") }
    pcre2_set_match_limit_8(limits, RegexSearch.matchLimit)
    pcre2_set_depth_limit_8(limits, RegularExpression.depthLimit)
    pcre2_set_heap_limit_8(limits, RegularExpression.heapLimit)
    pcre2_jit_stack_assign_8(limits, nil, UnsafeMutableRawPointer(stack))
    (self.found, self.limits, self.stack) = (found, limits, stack)
  }

  deinit {
    pcre2_match_context_free_8(limits)
    pcre2_jit_stack_free_8(stack)
    pcre2_match_data_free_8(found)
  }

  /// Appends where the pattern occurs, one place behind the other; never an empty one.
  ///
  /// - Throws: `tooExpensive` when it took too long to tell; what was found by then is appended all the same.
  public func append(
    matchesOf expression: RegularExpression, in text: Span<UInt8>, to ranges: inout [Range<Int>]
  ) throws(RegexError) {
    var (start, stride) = (0, RegexSearch.shortestStride)
    let isLong = text.count > stride
    let since = isLong ? ThreadClock.nanoseconds : 0
    let allowed = RegexSearch.patience.base + RegexSearch.patience.byte * UInt64(text.count)
    let suited = expression.code.suited(to: text)
    while start < text.count {
      // The last stride asks at the end of the text too.
      let end = text.count - start <= stride ? text.count : RegexSearch.boundary(start + stride, in: text)
      if let range = try next(expression, suited, in: text, from: start, before: end) {
        ranges.append(range)
        // An assertion with \K may end where it began, or before.
        start = RegexSearch.boundary(max(range.upperBound, start + 1), in: text)
      } else {
        start = end
      }
      guard isLong, start < text.count else { continue }
      let spent = ThreadClock.nanoseconds - since
      guard spent < allowed else { throw RegularExpression.tooExpensive(expression.pattern) }
      if spent < allowed / 8 { stride = min(2 * stride, RegexSearch.longestStride) }
    }
  }

  /// The first match that begins at `start` or behind it, and before `end`.
  private func next(
    _ expression: RegularExpression, _ suited: (code: OpaquePointer, options: UInt32), in text: Span<UInt8>,
    from start: Int, before end: Int
  ) throws(RegexError) -> Range<Int>? {
    pcre2_set_offset_limit_8(limits, end)
    let result = text.withUnsafeBytes { bytes in
      pcre2_match_8(
        suited.code, bytes.assumingMemoryBound(to: UInt8.self).baseAddress, bytes.count, start,
        suited.options | BARITO_PCRE2_NOTEMPTY, found, limits)
    }
    if result == BARITO_PCRE2_NOMATCH { return nil }
    guard result >= 0 else { throw RegularExpression.failure(result, expression.pattern) }
    guard let vector = pcre2_get_ovector_pointer_8(found) else { return nil }
    return min(vector[0], vector[1])..<max(vector[0], vector[1])
  }

  /// The first byte at or behind `index` that does not continue a character.
  private static func boundary(_ index: Int, in text: Span<UInt8>) -> Int {
    var index = index
    while index < text.count, text[index] & 0xC0 == 0x80 { index += 1 }
    return min(index, text.count)
  }
}

/// How long the thread that asks has used the processor: other threads and a busy machine do not count.
public enum ThreadClock {
  public static var nanoseconds: UInt64 {
    var time = timespec()
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
    return UInt64(time.tv_sec) * 1_000_000_000 + UInt64(time.tv_nsec)
  }
}
