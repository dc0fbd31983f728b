import Glibc

/// The standard streams of a program, for what it prints once: unbuffered, so that nothing is lost at its end.
public enum ProgramOutput {
  /// Writes text to standard output. A reader that has gone is no error.
  public static func print(_ text: String) { write(text, to: STDOUT_FILENO) }

  /// Writes text to standard error, for the person at the terminal. Events of a running program go to a `Logger`.
  public static func complain(_ text: String) { write(text, to: STDERR_FILENO) }

  private static func write(_ text: String, to descriptor: Int32) {
    Array(text.utf8).withUnsafeBytes { bytes in
      var rest = bytes[...]
      while !rest.isEmpty {
        let written = Glibc.write(descriptor, UnsafeRawBufferPointer(rebasing: rest).baseAddress, rest.count)
        if written > 0 {
          rest = rest.dropFirst(written)
        } else if errno != EINTR {
          return
        }
      }
    }
  }
}
