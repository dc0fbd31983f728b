// For reading /proc without unsafe code.
import FoundationEssentials

extension MetricsRegistry {
  /// Adds what Prometheus expects of every process: memory, processor time, open files, start time. Linux only: where
  /// there is no /proc the gauges are left out.
  public func registerProcessMetrics() {
    counter("process_cpu_seconds_total", "Processor time spent, user and system.") {
      ProcessStatistics.current?.cpuSeconds ?? 0
    }
    gauge("process_resident_memory_bytes", "Memory in use.") {
      ProcessStatistics.residentBytes(status: contents("/proc/self/status")).map(Double.init)
    }
    gauge("process_open_fds", "Open file descriptors.") {
      (try? FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd")).map { Double($0.count) }
    }
    gauge("process_start_time_seconds", "When the process started, in seconds since 1970.") {
      guard let statistics = ProcessStatistics.current,
        let boot = ProcessStatistics.bootSeconds(stat: contents("/proc/stat"))
      else { return nil }
      return boot + statistics.startSecondsAfterBoot
    }
  }
}

/// What Linux tells of a process, read from its text.
struct ProcessStatistics: Equatable {
  var cpuSeconds: Double
  var startSecondsAfterBoot: Double

  /// The unit of times in /proc, fixed for user space.
  private static let ticksPerSecond = 100.0

  static var current: ProcessStatistics? { ProcessStatistics(stat: contents("/proc/self/stat")) }

  /// - Parameter stat: the text of /proc/PID/stat. The name in it may hold blanks and parentheses.
  init?(stat: String) {
    guard let name = stat.lastIndex(of: ")") else { return nil }
    let fields = stat[stat.index(after: name)...].split(separator: " ")
    // Fields are numbered from 1 in proc(5); the first one after the name is number 3.
    guard fields.count > 19, let user = Double(fields[11]), let system = Double(fields[12]),
      let start = Double(fields[19])
    else { return nil }
    cpuSeconds = (user + system) / Self.ticksPerSecond
    startSecondsAfterBoot = start / Self.ticksPerSecond
  }

  static func residentBytes(status: String) -> Int? {
    number(after: "VmRSS:", in: status).map { Int($0) * 1024 }
  }

  static func bootSeconds(stat: String) -> Double? { number(after: "btime", in: stat) }

  private static func number(after name: String, in text: String) -> Double? {
    let line = text.split(separator: "\n").first { $0.hasPrefix(name) }
    return line?.split { $0 == " " || $0 == "\t" }.dropFirst().first.flatMap { Double($0) }
  }
}

/// Empty where there is no such file.
private func contents(_ path: String) -> String {
  FileManager.default.contents(atPath: path).map { String(decoding: $0, as: UTF8.self) } ?? ""
}
