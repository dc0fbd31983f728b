import FuzzTargets

// barito-fuzz TARGET [libFuzzer's options] [corpus folders]: libFuzzer on one target. Built by `make fuzz` only.
@main struct Main {
  static func main() {
    let arguments = CommandLine.arguments
    guard arguments.count > 1, let target = FuzzTarget.all.first(where: { $0.name == arguments[1] }) else {
      // No target: the names of all, a line each.
      for target in FuzzTarget.all { print(target.name) }
      return
    }
    Fuzzer.run(target, [arguments[0]] + arguments.dropFirst(2))
  }
}
