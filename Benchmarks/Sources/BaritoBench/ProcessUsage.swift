import Glibc

/// What a process has used so far, from `/proc`.
enum ProcessUsage {
  /// Resident memory in bytes.
  struct Memory: Sendable, Equatable {
    var now: Int
    /// The most there ever was.
    var peak: Int
  }

  /// CPU seconds of a process, user and system, all threads, in steps of the kernel's clock tick.
  static func cpuSeconds(of process: pid_t) throws -> Double {
    let text = try TextFile.read("/proc/\(process)/stat")
    guard let ticks = cpuTicks(inStat: text) else {
      throw BenchError("cannot read the CPU time of process \(process): /proc has \(text)")
    }
    return Double(ticks) / Double(sysconf(CInt(_SC_CLK_TCK)))
  }

  static func memory(of process: pid_t) throws -> Memory {
    let text = try TextFile.read("/proc/\(process)/status")
    guard let now = bytes("VmRSS", inStatus: text), let peak = bytes("VmHWM", inStatus: text) else {
      throw BenchError("cannot read the memory of process \(process): it has ended")
    }
    return Memory(now: now, peak: peak)
  }

  /// The same of a process and of its children, such as the workers of a server.
  static func cpuSeconds(ofFamily process: pid_t) throws -> Double {
    try family(of: process).reduce(0) { try $0 + cpuSeconds(of: $1) }
  }

  static func memory(ofFamily process: pid_t) throws -> Memory {
    try family(of: process).reduce(Memory(now: 0, peak: 0)) { sum, member in
      let memory = try memory(of: member)
      return Memory(now: sum.now + memory.now, peak: sum.peak + memory.peak)
    }
  }

  private static func family(of process: pid_t) throws -> [pid_t] {
    let children = try TextFile.read("/proc/\(process)/task/\(process)/children")
    return [process] + children.split(separator: " ").compactMap { pid_t($0) }
  }

  /// CPU seconds of this process, to the microsecond.
  static var ownCPUSeconds: Double {
    var usage = rusage()
    getrusage(CInt(RUSAGE_SELF.rawValue), &usage)
    return [usage.ru_utime, usage.ru_stime].reduce(0) { $0 + Double($1.tv_sec) + Double($1.tv_usec) / 1_000_000 }
  }

  /// Fields 14 and 15 of proc(5)'s stat, counted behind the name, which may hold spaces and brackets.
  static func cpuTicks(inStat text: String) -> Int? {
    guard let bracket = text.lastIndex(of: ")") else { return nil }
    let fields = text[text.index(after: bracket)...].split(separator: " ")
    guard fields.count > 12, let user = Int(fields[11]), let system = Int(fields[12]) else { return nil }
    return user + system
  }

  /// A line such as `VmHWM:    12345 kB`.
  static func bytes(_ field: String, inStatus text: String) -> Int? {
    for line in text.split(separator: "\n") where line.hasPrefix("\(field):") {
      return line.split(whereSeparator: { $0 == " " || $0 == "\t" }).dropFirst().first.flatMap { Int($0) }
        .map { $0 * 1024 }
    }
    return nil
  }
}
