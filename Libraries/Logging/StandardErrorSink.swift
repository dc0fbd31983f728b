import Glibc
import Synchronization

/// Writes events to standard error, one `write(2)` for each, so that lines of threads do not mix.
public struct StandardErrorSink: LogSink {
  private let sink: DescriptorSink

  /// - Parameters:
  ///   - format: `auto` decides by what standard error is.
  ///   - allowsColour: text on a terminal is coloured only if this is true; pass false where `NO_COLOR` is set.
  public init(format: LogFormat = .auto, allowsColour: Bool = true) {
    sink = DescriptorSink(STDERR_FILENO, format: format, allowsColour: allowsColour)
  }

  public func write(_ level: Logger.Level, _ message: String, _ metadata: Logger.Metadata) {
    sink.write(level, message, metadata)
  }
}

extension Logger {
  /// The logger of a program: make it once at the start, pass it on.
  public static func standardError(
    format: LogFormat = .auto, level: Level = .info, allowsColour: Bool = true, metadata: Metadata = [:]
  ) -> Logger {
    Logger(StandardErrorSink(format: format, allowsColour: allowsColour), level: level, metadata: metadata)
  }
}

/// Writes events to a file descriptor that somebody else owns.
final class DescriptorSink: LogSink {
  private let descriptor: Int32
  private let encoder: LogEncoder
  /// Only for what one write does not take whole, such as a long event to a full pipe.
  private let turn = Mutex(())

  init(_ descriptor: Int32, format: LogFormat, allowsColour: Bool) {
    self.descriptor = descriptor
    let isTerminal = isatty(descriptor) == 1
    encoder = LogEncoder(
      isJSON: format == .json || (format == .auto && !isTerminal), hasColour: isTerminal && allowsColour)
  }

  func write(_ level: Logger.Level, _ message: String, _ metadata: Logger.Metadata) {
    let line = encoder.encode(.now, level, message, metadata)
    turn.withLock { _ in line.withUnsafeBytes { writeWhole($0) } }
  }

  private func writeWhole(_ bytes: UnsafeRawBufferPointer) {
    var rest = bytes[...]
    while !rest.isEmpty {
      let written = Glibc.write(descriptor, UnsafeRawBufferPointer(rebasing: rest).baseAddress, rest.count)
      if written > 0 {
        rest = rest.dropFirst(written)
      } else if written < 0, errno == EAGAIN {
        // A non-blocking pipe is full: whoever reads it decides the pace.
        var waiting = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
        poll(&waiting, 1, 1000)
      } else if written < 0, errno != EINTR {
        // Nobody reads: there is nowhere to say so.
        return
      }
    }
  }
}

extension LogTime {
  static var now: LogTime {
    var time = timespec()
    clock_gettime(CLOCK_REALTIME, &time)
    return LogTime(milliseconds: time.tv_sec * 1000 + time.tv_nsec / 1_000_000)
  }
}
