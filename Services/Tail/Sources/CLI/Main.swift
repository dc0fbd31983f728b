import BaritoTailCommand

@main struct Main {
  static func main() async { await TailCommand.main() }
}
