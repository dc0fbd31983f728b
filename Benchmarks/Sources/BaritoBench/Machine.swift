import Glibc

/// Where the numbers were taken.
struct Machine: Equatable {
  var processor: String
  var cores: Int
  var memoryBytes: Int
  var kernel: String
  var system: String

  static func current() throws -> Machine {
    Machine(
      cpuinfo: try TextFile.read("/proc/cpuinfo"), meminfo: try TextFile.read("/proc/meminfo"),
      kernel: try TextFile.read("/proc/sys/kernel/osrelease"), release: (try? TextFile.read("/etc/os-release")) ?? "",
      cores: sysconf(CInt(_SC_NPROCESSORS_ONLN)))
  }

  init(cpuinfo: String, meminfo: String, kernel: String, release: String, cores: Int) {
    processor = Machine.value("model name", in: cpuinfo, separator: ":") ?? "unknown processor"
    memoryBytes = (ProcessUsage.bytes("MemTotal", inStatus: meminfo) ?? 0)
    self.kernel = kernel.filter { !$0.isNewline }
    system = Machine.value("PRETTY_NAME", in: release, separator: "=")?.filter { $0 != "\"" } ?? "Linux"
    self.cores = cores
  }

  /// One line for people.
  var description: String {
    let gibibytes = decimal(Double(memoryBytes) / Double(1 << 30), digits: 1)
    return "\(processor), \(cores) cores, \(gibibytes) GiB, \(system), Linux \(kernel)"
  }

  private static func value(_ name: String, in text: String, separator: Character) -> String? {
    for line in text.split(separator: "\n") where line.hasPrefix(name) {
      guard let at = line.firstIndex(of: separator) else { continue }
      return String(line[line.index(after: at)...].drop { $0 == " " })
    }
    return nil
  }
}
