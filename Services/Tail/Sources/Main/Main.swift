import BaritoTail

@main struct Main {
  static func main() async { await TailService.main() }
}
