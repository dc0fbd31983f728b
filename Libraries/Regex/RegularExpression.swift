import CPCRE2

/// A regular expression in Perl's syntax, compiled once and used from any thread.
///
/// Patterns come from users, so what a match may cost is bounded: a pattern cannot hang its caller, it fails as
/// `tooExpensive`. Text is UTF-8; bytes that are not UTF-8 match nothing, but what stands around them is still found.
public final class RegularExpression: Sendable {
  /// The longest pattern, in bytes.
  public static let maximumLength = 4096
  /// How often the matcher may try something for one text; about 10 ms.
  private static let matchLimit: UInt32 = 500_000
  static let depthLimit: UInt32 = 10_000
  /// KiB.
  static let heapLimit: UInt32 = 8 * 1024

  let code: CompiledPattern
  /// The pattern as it was written.
  public let pattern: String

  /// - Parameter ignoringCase: as the prefix `(?i)` does.
  /// - Throws: `syntax` with the place, `tooLong`.
  public init(_ pattern: String, ignoringCase: Bool = false) throws(RegexError) {
    guard pattern.utf8.count <= Self.maximumLength else {
      throw RegexError(
        code: .tooLong, detail: "the pattern has \(pattern.utf8.count) bytes; \(Self.maximumLength) are allowed")
    }
    // The offset limit lets `RegexSearch` look at the clock now and then.
    var options = BARITO_PCRE2_UTF | BARITO_PCRE2_NEVER_BACKSLASH_C | BARITO_PCRE2_USE_OFFSET_LIMIT
    if ignoringCase { options |= BARITO_PCRE2_CASELESS }
    var (error, offset) = (Int32(0), 0)
    let bytes = Array(pattern.utf8)
    guard let code = barito_pcre2_compile(bytes, bytes.count, options, &error, &offset) else {
      throw RegexError(
        code: .syntax, detail: "the pattern is wrong at position \(offset): \(Self.message(error))", offset: offset)
    }
    // For texts that are not UTF-8 throughout. PCRE2 10.42's JIT gets \S, \D and \W wrong there, hence without it.
    guard
      let tolerant = barito_pcre2_compile(
        bytes, bytes.count, options | BARITO_PCRE2_MATCH_INVALID_UTF, &error, &offset)
    else {
      pcre2_code_free_8(code)
      throw RegexError(code: .other, detail: "no memory for the pattern")
    }
    guard let limits = pcre2_match_context_create_8(nil) else {
      pcre2_code_free_8(code)
      pcre2_code_free_8(tolerant)
      throw RegexError(code: .other, detail: "no memory for the pattern")
    }
    pcre2_set_match_limit_8(limits, Self.matchLimit)
    pcre2_set_depth_limit_8(limits, Self.depthLimit)
    pcre2_set_heap_limit_8(limits, Self.heapLimit)
    // Where there is no JIT for this machine, the interpreter does it.
    pcre2_jit_compile_8(code, BARITO_PCRE2_JIT_COMPLETE)
    self.code = CompiledPattern(code: code, tolerant: tolerant, limits: limits)
    self.pattern = pattern
  }

  /// Whether the pattern occurs anywhere in the text.
  ///
  /// - Throws: `tooExpensive` when it took too long to tell.
  public func matches(_ text: Span<UInt8>) throws(RegexError) -> Bool {
    try firstMatch(in: text) != nil
  }

  /// Where the pattern occurs first.
  ///
  /// - Throws: `tooExpensive` when it took too long to tell.
  public func firstMatch(in text: Span<UInt8>) throws(RegexError) -> Range<Int>? {
    guard let found = pcre2_match_data_create_8(1, nil) else {
      throw RegexError(code: .other, detail: "no memory to match")
    }
    defer { pcre2_match_data_free_8(found) }
    let (compiled, options) = code.suited(to: text)
    let result = text.withUnsafeBytes { bytes in
      pcre2_match_8(
        compiled, bytes.assumingMemoryBound(to: UInt8.self).baseAddress, bytes.count, 0, options, found, code.limits)
    }
    if result == BARITO_PCRE2_NOMATCH { return nil }
    guard result >= 0 else { throw Self.failure(result, pattern) }
    guard let vector = pcre2_get_ovector_pointer_8(found) else { return nil }
    // A look-behind with \K may put the start after the end.
    return min(vector[0], vector[1])..<max(vector[0], vector[1])
  }

  static func failure(_ error: Int32, _ pattern: String) -> RegexError {
    switch error {
    case PCRE2_ERROR_MATCHLIMIT, PCRE2_ERROR_DEPTHLIMIT, PCRE2_ERROR_HEAPLIMIT, PCRE2_ERROR_JIT_STACKLIMIT:
      tooExpensive(pattern)
    default: RegexError(code: .other, detail: "the pattern \(pattern) failed: \(message(error))")
    }
  }

  static func tooExpensive(_ pattern: String) -> RegexError {
    RegexError(
      code: .tooExpensive,
      detail: "the pattern \(pattern) takes too many steps on a line: avoid repeats within repeats, such as (a+)+")
  }

  private static func message(_ error: Int32) -> String {
    var buffer = [UInt8](repeating: 0, count: 256)
    let count = pcre2_get_error_message_8(error, &buffer, buffer.count)
    return String(decoding: buffer.prefix(max(0, Int(count))), as: UTF8.self)
  }
}

/// The compiled pattern and its limits.
///
/// PCRE2 documents ("Multithreading", pcre2api) that a compiled pattern and a match context may be used by several
/// threads at once as long as nobody changes them; nobody does after the initialiser.
final class CompiledPattern: @unchecked Sendable {
  private let code: OpaquePointer
  private let tolerant: OpaquePointer
  let limits: OpaquePointer

  init(code: OpaquePointer, tolerant: OpaquePointer, limits: OpaquePointer) {
    self.code = code
    self.tolerant = tolerant
    self.limits = limits
  }

  /// What is to be used for a text, with its options.
  func suited(to text: Span<UInt8>) -> (code: OpaquePointer, options: UInt32) {
    (try? UTF8Span(validating: text)) == nil ? (tolerant, 0) : (code, BARITO_PCRE2_NO_UTF_CHECK)
  }

  deinit {
    pcre2_match_context_free_8(limits)
    pcre2_code_free_8(tolerant)
    pcre2_code_free_8(code)
  }
}
