import Glibc
import Testing

@testable import BaritoBench

@Suite struct MachineTests {
  @Test("CPU time is found behind a name with spaces and brackets")
  func ticks() {
    let stat = "42 (a (b) c) S 1 42 42 0 -1 4194304 100 0 0 0 250 75 0 0 20 0 3 0 100 1000 200"
    #expect(ProcessUsage.cpuTicks(inStat: stat) == 325)
    #expect(ProcessUsage.cpuTicks(inStat: "42 (cut") == nil)
  }

  @Test("memory is read in bytes, and a process that has ended has none")
  func memory() throws {
    let status = "Name:\tx\nVmPeak:\t  9 kB\nVmHWM:\t  2048 kB\nVmRSS:\t  1024 kB\n"
    #expect(ProcessUsage.bytes("VmHWM", inStatus: status) == 2048 * 1024)
    #expect(ProcessUsage.bytes("VmRSS", inStatus: "Name:\tzombie\n") == nil)
    let own = try ProcessUsage.memory(of: getpid())
    #expect(own.now > 0)
    #expect(own.peak >= own.now)
  }

  @Test("work shows in the CPU time of a process, from inside and from outside")
  func work() throws {
    let (inside, outside) = (ProcessUsage.ownCPUSeconds, try ProcessUsage.cpuSeconds(of: getpid()))
    var random = SplitMix64(state: 1)
    var sum: UInt64 = 0
    while ProcessUsage.ownCPUSeconds - inside < 0.1 { for _ in 0..<10_000 { sum &+= random.next() } }
    #expect(sum != 0)
    #expect(try ProcessUsage.cpuSeconds(of: getpid()) - outside >= 0.05)
  }

  @Test("a machine is named by what the kernel says")
  func machine() {
    let machine = Machine(
      cpuinfo: "processor\t: 0\nmodel name\t: Fast CPU @ 3 GHz\nmodel name\t: other\n",
      meminfo: "MemTotal: 2097152 kB\n",
      kernel: "6.1.0\n", release: "NAME=\"x\"\nPRETTY_NAME=\"Debian 12\"\n", cores: 2)
    #expect(machine.description == "Fast CPU @ 3 GHz, 2 cores, 2.0 GiB, Debian 12, Linux 6.1.0")
  }
}
